using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

public sealed class CommitTests
{
    [Fact]
    public async Task The_metadata_is_written_last_and_only_if_absent()
    {
        using var folder = new TemporaryFolder();
        var storage = new FaultyStorage(StorageCalls.Open(folder.Path));
        await using var bench = await Bench.OpenAsync(storage, frozen: 3);
        var id = (await bench.SaveAsync(100)).Id;
        Assert.Equal("test_ep_100_1764000001", id);
        Assert.Equal($"create {id}/metadata.json", storage.Changes[^1]);
        Assert.Equal(["create claim.json", "write claim.json"], storage.Changes.Take(2));
        Assert.StartsWith("write base_weights/", storage.Changes[2], StringComparison.Ordinal);
        string[] files =
        [
            "lora_weights/lora_0.pt", "lora_weights/lora_1.pt", "model_weights/m0.json", "model_weights/m0.safetensors", "model_weights/m1.json",
            "model_weights/m1.safetensors", "optimizer_state/m0.safetensors", "optimizer_state/m1.safetensors", "training_state.json",
        ];
        Assert.Equal(files.Select(file => $"write {id}/{file}"), storage.Changes.Skip(3).SkipLast(1).Order(StringComparer.Ordinal));
        Assert.Equal(files, (await bench.DescribeAsync(id)).Files.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_saved_comes_back_to_the_same_bits_in_another_process()
    {
        using var folder = new TemporaryFolder();
        SavedCheckpoint saved;
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path), frozen: 3);
        await bench.Models[0].ApplyGradientsAsync(new(), default);
        saved = await bench.SaveAsync(100, final: true, tags: ["best", "kept"]);
        Assert.Equal(4, saved.Metrics.Count + saved.Tags.Length);

        await using var later = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        Assert.Equivalent(saved, later.Store.Checkpoints.Single(), strict: true);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(later.Store, saved.Id, frozen: 3)));
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(later.Store, saved.Id, frozen: 3, frozenValue: -1)));
    }

    [Theory]
    [InlineData("training_state.json")]
    [InlineData("lora_weights/lora_1.pt")]
    [InlineData("metadata.json")]
    [InlineData("base_weights/")]
    public async Task A_failed_save_leaves_no_checkpoint_and_is_told_by_the_next_one(string part)
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage, frozen: 3);
        storage.Before = (_, key) => key.Contains(part, StringComparison.Ordinal) ? throw Failure(key) : Task.CompletedTask;
        await bench.BeginSaveAsync(1);
        Assert.Equal("no room", (await Assert.ThrowsAsync<StorageException>(() => bench.BeginSaveAsync(2))).Message);
        Assert.Empty(bench.Ids);
        Assert.Empty((await Bench.OpenAsync(storage)).Ids);

        storage.Before = (_, _) => Task.CompletedTask;
        var saved = await bench.SaveAsync(3);
        Assert.Equal([saved.Id], bench.Ids);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(bench.Store, saved.Id, frozen: 3, frozenValue: 0)));
    }

    [Fact]
    public async Task A_failed_save_is_told_once_by_a_flush()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage);
        await bench.Store.ClaimAsync(default);
        storage.Before = (_, key) => throw Failure(key);
        var (_, durable) = await bench.BeginSaveAsync(1);
        await Assert.ThrowsAsync<StorageException>(() => bench.Store.FlushAsync());
        await Assert.ThrowsAsync<StorageException>(() => durable);
        await bench.Store.FlushAsync();
        bench.Store.SurfaceFailure();
    }

    [Fact]
    public async Task A_save_in_progress_is_seen_by_the_policies_and_by_nobody_else()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var gate = new TaskCompletionSource();
        var seen = new List<IReadOnlyList<SavedCheckpoint>>();
        await using var store = await CheckpointStore.OpenAsync(storage, new() { SaveInterval = 1 }, [("watch", new Watch(seen))], new(), default);
        await using var bench = await Bench.OpenAsync(storage);
        storage.Before = (verb, key) => key.EndsWith("metadata.json", StringComparison.Ordinal) ? gate.Task : Task.CompletedTask;
        await store.ClaimAsync(default);

        var (id, durable) = store.BeginSave(bench.Content(1));
        var listed = store.Checkpoints.Length;
        store.Decide("run", new() { Episode = 2, MaxEpisodes = 9 });
        store.Decide("another run", new() { Episode = 2, MaxEpisodes = 9 });
        gate.SetResult();
        await durable;
        store.Decide("run", new() { Episode = 2, MaxEpisodes = 9 });

        Assert.Equal(0, listed);
        Assert.Equal(id, seen[0].Single().Id);
        Assert.Equal(id, Assert.Single(seen[2]).Id);
        Assert.Equal(id, store.Checkpoints.Single().Id);
    }

    [Fact]
    public async Task Two_checkpoints_of_one_episode_and_second_harm_each_other_in_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        var (first, _) = await bench.BeginSaveAsync(7);
        await bench.Models[0].ApplyGradientsAsync(new(), default);
        await bench.Store.MakeRoomAsync(7, urgent: true);
        var (second, durable) = bench.Store.BeginSave(bench.Content(7) with { Parent = first });
        await durable;
        Assert.NotEqual(first, second);
        Assert.Equal([second, first], bench.Ids);
        await Bench.RestoreAsync(bench.Store, first);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(bench.Store, second)));
    }

    [Fact]
    public async Task Another_writers_checkpoint_of_the_same_name_is_refused_before_anything_is_overwritten()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage);
        await bench.Store.ClaimAsync(default);
        await storage.WriteAsync("test_ep_1_1764000001/metadata.json", new("{}"u8.ToArray()), WriteCondition.Always, default);
        storage.Before = (verb, key) => key == "claim.json" ? Task.CompletedTask : throw new InvalidOperationException($"{verb} {key}");
        var error = await Assert.ThrowsAsync<StorageException>(() => bench.SaveAsync(1));
        Assert.Equal(StorageErrorKind.PreconditionFailed, error.Kind);
    }

    [Fact]
    public async Task An_unknown_checkpoint_is_refused_with_the_nearest()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage());
        Assert.Equal("memory holds no checkpoint 'x'. There is none to choose from.", Assert.Throws<KeyNotFoundException>(() => bench.Store.Find("x")).Message);
        await bench.SaveAsync(7);
        Assert.Contains("Did you mean 'test_ep_7_1764000001'?", Assert.Throws<KeyNotFoundException>(() => bench.Store.Find("test_ep_8_1764000001")).Message, StringComparison.Ordinal);
    }

    private static StorageException Failure(string key) => new(StorageErrorKind.Permanent, key, "no room");

    private sealed class Watch(List<IReadOnlyList<SavedCheckpoint>> seen) : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            seen.Add(saved);
            return SaveDecision.Skip;
        }
    }
}

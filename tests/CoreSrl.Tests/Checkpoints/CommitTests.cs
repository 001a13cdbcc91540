using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
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
        Assert.StartsWith("write base_weights/", storage.Changes[0], StringComparison.Ordinal);
        string[] files =
        [
            "lora_weights/lora_0.pt", "lora_weights/lora_1.pt", "model_weights/m0.json", "model_weights/m0.safetensors", "model_weights/m1.json",
            "model_weights/m1.safetensors", "optimizer_state/m0.safetensors", "optimizer_state/m1.safetensors", "training_state.json",
        ];
        Assert.Equal(files.Select(file => $"write {id}/{file}"), storage.Changes.Skip(1).SkipLast(1).Order(StringComparer.Ordinal));
        Assert.Equal(files, bench.Manager.Find(id).Files.Keys.Order(StringComparer.Ordinal));
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
        Assert.Equivalent(saved, later.Manager.Checkpoints.Single().Saved, strict: true);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(later.Manager, saved.Id, frozen: 3)));
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(later.Manager, saved.Id, frozen: 3, frozenValue: -1)));
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
        await bench.Manager.BeginSaveAsync(bench.Content(1));
        Assert.Equal("no room", (await Assert.ThrowsAsync<StorageException>(() => bench.Manager.BeginSaveAsync(bench.Content(2)))).Message);
        Assert.Empty(bench.Ids);
        Assert.Empty((await Bench.OpenAsync(storage)).Ids);

        storage.Before = (_, _) => Task.CompletedTask;
        var saved = await bench.SaveAsync(3);
        Assert.Equal([saved.Id], bench.Ids);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(bench.Manager, saved.Id, frozen: 3, frozenValue: 0)));
    }

    [Fact]
    public async Task A_failed_save_is_told_once_by_a_flush()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage);
        storage.Before = (_, key) => throw Failure(key);
        var (_, durable) = await bench.Manager.BeginSaveAsync(bench.Content(1));
        await Assert.ThrowsAsync<StorageException>(() => bench.Manager.FlushAsync());
        await Assert.ThrowsAsync<StorageException>(() => durable);
        await bench.Manager.FlushAsync();
        await bench.Manager.SurfaceFailureAsync();
    }

    [Fact]
    public async Task A_save_in_progress_is_seen_by_the_policies_and_by_nobody_else()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var gate = new TaskCompletionSource();
        storage.Before = (verb, _) => verb == "create" ? gate.Task : Task.CompletedTask;
        var seen = new List<IReadOnlyList<SavedCheckpoint>>();
        await using var manager = await CheckpointManager.OpenAsync(storage, new() { SaveInterval = 1 }, [("watch", new Watch(seen))], new(), default);
        await using var bench = await Bench.OpenAsync(storage);

        var (id, durable) = await manager.BeginSaveAsync(bench.Content(1));
        var listed = manager.Checkpoints.Count;
        manager.Decide("run", new() { Episode = 2, MaxEpisodes = 9 });
        manager.Decide("another run", new() { Episode = 2, MaxEpisodes = 9 });
        gate.SetResult();
        await durable;
        manager.Decide("run", new() { Episode = 2, MaxEpisodes = 9 });

        Assert.Equal(0, listed);
        Assert.Equal(id, seen[0].Single().Id);
        Assert.Equal(id, Assert.Single(seen[2]).Id);
        Assert.Equal(id, manager.Checkpoints.Single().Saved.Id);
    }

    [Fact]
    public async Task Two_checkpoints_of_one_episode_and_second_harm_each_other_in_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        var (first, _) = await bench.Manager.BeginSaveAsync(bench.Content(7));
        await bench.Models[0].ApplyGradientsAsync(new(), default);
        var (second, durable) = await bench.Manager.BeginSaveAsync(bench.Content(7) with { Parent = first });
        await durable;
        Assert.NotEqual(first, second);
        Assert.Equal([second, first], bench.Ids);
        await Bench.RestoreAsync(bench.Manager, first);
        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(bench.Manager, second)));
    }

    [Fact]
    public async Task A_name_that_somebody_else_took_meanwhile_is_an_error()
    {
        var storage = new MemoryStorage();
        await using var first = await Bench.OpenAsync(storage);
        await using var second = await Bench.OpenAsync(storage);
        var id = (await first.SaveAsync(7)).Id;
        var error = await Assert.ThrowsAsync<StorageException>(() => second.SaveAsync(7));
        Assert.Equal(StorageErrorKind.PreconditionFailed, error.Kind);
        Assert.Equal(id, (await Bench.OpenAsync(storage)).Ids.Single());
    }

    [Fact]
    public async Task Another_writers_checkpoint_of_the_same_name_is_refused_before_anything_is_overwritten()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var one = await Bench.OpenAsync(storage);
        await using var other = await Bench.OpenAsync(storage);
        await one.SaveAsync(1);
        storage.Before = (verb, key) => verb == "write" ? throw new InvalidOperationException($"{key} was written") : Task.CompletedTask;
        var error = await Assert.ThrowsAsync<StorageException>(() => other.SaveAsync(1));
        Assert.Equal(StorageErrorKind.PreconditionFailed, error.Kind);
    }

    [Fact]
    public async Task A_probe_leaves_nothing_behind()
    {
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage);
        await bench.Manager.ProbeAsync(default);
        Assert.Empty(storage.Objects);
    }

    [Fact]
    public async Task An_unknown_checkpoint_is_refused_with_the_nearest()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage());
        Assert.Equal("memory holds no checkpoint 'x'. There is none to choose from.", Assert.Throws<KeyNotFoundException>(() => bench.Manager.Find("x")).Message);
        await bench.SaveAsync(7);
        Assert.Contains("Did you mean 'test_ep_7_1764000001'?", Assert.Throws<KeyNotFoundException>(() => bench.Manager.Find("test_ep_8_1764000001")).Message, StringComparison.Ordinal);
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

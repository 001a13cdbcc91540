using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>What a dead process left is recognised by what it had announced; nothing else is touched.</summary>
public sealed class SweepTests
{
    private readonly MemoryStorage _objects = new();
    private readonly ListeningLoggers _loggers = new();

    [Fact]
    public async Task Data_of_a_checkpoint_that_was_not_committed_and_its_base_weights_are_removed_and_told()
    {
        var before = await LiveAsync(frozen: 0);
        var dead = await DieAsync("create", "/metadata.json", 1, frozen: 3);
        Assert.Contains($"{dead[^1]}/training_state.json", _objects.Objects.Keys);
        var weights = Assert.Single(_objects.Objects.Keys, key => key.StartsWith("base_weights/", StringComparison.Ordinal));

        await using var next = await OpenAsync();
        Assert.Equal(before, Keys());
        Assert.Equal($"Removed what a process that ended early had left half-way: {dead[^1]}, {weights}", Assert.Single(_loggers.Messages));
    }

    [Fact]
    public async Task What_cannot_be_read_for_now_stays_announced_and_is_removed_by_whoever_can_read_it()
    {
        var before = await LiveAsync(frozen: 0);
        var dead = await DieAsync("create", "/metadata.json", 1, frozen: 3);
        var refusing = new FaultyStorage(_objects)
        {
            Reading = (verb, key) => verb is "stat" or "read" && key == $"{dead[^1]}/metadata.json" ? throw NotAllowed(key) : Task.CompletedTask,
        };
        await using (await CheckpointManager.OpenAsync(refusing))
            Assert.Contains($"{dead[^1]}/training_state.json", _objects.Objects.Keys);
        await using (var reading = await CheckpointManager.OpenReadOnlyAsync(_objects))
            Assert.Empty(reading.Damaged);
        await using var next = await OpenAsync();
        Assert.Equal(before, Keys());
    }

    [Fact]
    public async Task A_checkpoint_whose_removal_was_begun_goes_as_a_whole()
    {
        var dead = await DieAsync("delete", "lora_1.pt", 2, maxCheckpoints: 1);
        Assert.Contains($"{dead[0]}/lora_weights/lora_1.pt", _objects.Objects.Keys);
        await using var next = await OpenAsync();
        Assert.Equal([dead[1]], next.Ids);
        Assert.DoesNotContain(_objects.Objects.Keys, key => key.StartsWith(dead[0], StringComparison.Ordinal));
        Assert.Equal($"Removed what a process that ended early had left half-way: {dead[0]}", Assert.Single(_loggers.Messages));
    }

    [Fact]
    public async Task A_checkpoint_whose_removal_was_only_announced_is_a_checkpoint()
    {
        var dead = await DieAsync("delete", "/metadata.json", 2, maxCheckpoints: 1);
        await using var next = await OpenAsync();
        Assert.Equal([dead[1], dead[0]], next.Ids);
        await Bench.RestoreAsync(next.Store, dead[0]);
        Assert.Empty(_loggers.Messages);
    }

    [Fact]
    public async Task A_checkpoint_that_was_committed_and_its_base_weights_stay()
    {
        var dead = await DieAsync(null, "", 2, frozen: 3);
        var before = Keys();
        await using var next = await OpenAsync();
        Assert.Equal(before, Keys());
        foreach (var id in dead)
            await Bench.RestoreAsync(next.Store, id, frozen: 3, frozenValue: 0);
        Assert.Empty(_loggers.Messages);
    }

    [Fact]
    public async Task What_was_not_announced_is_not_touched()
    {
        var dead = await DieAsync("create", "/metadata.json", 1);
        string[] foreign = [$"{dead[0]}/notes.txt", $"{dead[0]}/notes/more.txt", "test_ep_9_1/lora_weights/lora_0.pt", "base_weights/00000000000000000000000000000000.safetensors", "readme.md"];
        foreach (var key in foreign)
            await _objects.PutAsync(key, "mine");
        await using var next = await OpenAsync();
        Assert.Equal([.. foreign.Append("claim.json").Order(StringComparer.Ordinal)], Keys());
    }

    [Fact]
    public async Task Base_weights_that_a_damaged_checkpoint_may_need_stay()
    {
        var dead = await DieAsync("create", "/metadata.json", 1, frozen: 3);
        await _objects.PutAsync("damaged/metadata.json", "{ \"base_weights\": ");
        await using var next = await OpenAsync();
        Assert.Single(Keys(), key => key.StartsWith("base_weights/", StringComparison.Ordinal));
        Assert.DoesNotContain(Keys(), key => key.StartsWith(dead[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_live_save_has_written_is_not_touched_by_whoever_comes_by()
    {
        var storage = new FaultyStorage(_objects);
        await using var live = await Bench.OpenAsync(storage, frozen: 3);
        await live.Store.ClaimAsync(default);
        var committing = new Pause();
        storage.Before = (verb, _) => verb == "create" ? committing.PassAsync() : Task.CompletedTask;
        var (id, durable) = await live.BeginSaveAsync(1);
        await committing.Reached;
        var before = Keys();
        await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        await (await CheckpointManager.OpenReadOnlyAsync(_objects)).DisposeAsync();
        Assert.Equal(before, Keys());
        committing.End();
        await durable;
        await Bench.RestoreAsync(live.Store, id, frozen: 3, frozenValue: 0);
    }

    [Fact]
    public async Task What_cannot_be_removed_keeps_nobody_from_training_and_is_removed_after_a_later_save()
    {
        var dead = await DieAsync("create", "/metadata.json", 1, frozen: 3);
        var storage = new FaultyStorage(_objects) { Before = (verb, key) => verb == "delete" && key.EndsWith("lora_1.pt", StringComparison.Ordinal) ? throw NotAllowed(key) : Task.CompletedTask };
        await using var next = await OpenAsync(storage);
        Assert.Equal(
            "What a process that ended early had left half-way could not all be removed: not allowed. It is tried again after the next save.",
            Assert.Single(_loggers.Messages));
        await next.SaveAsync(2);
        await next.Store.FlushAsync();
        Assert.Contains($"{dead[0]}/lora_weights/lora_1.pt", Keys());
        storage.Before = (_, _) => Task.CompletedTask;
        await next.SaveAsync(3);
        await next.Store.FlushAsync();
        Assert.DoesNotContain(Keys(), key => key.StartsWith(dead[0], StringComparison.Ordinal) || key.StartsWith("base_weights/", StringComparison.Ordinal));
        Assert.Equal([3, 2], next.Store.Checkpoints.Select(saved => (int)saved.Episode));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task One_wrong_bit_in_a_listing_hides_neither_what_was_left_nor_what_was_committed(int frozen)
    {
        var wrong = 0;
        for (var shown = int.MaxValue; wrong < shown; wrong++)
        {
            foreach (var at in new[] { 2, 0.7, 1 })
            {
                var test = new SweepTests();
                var before = await test.LiveAsync(frozen);
                await test.DieAsync("create", "/metadata.json", 1, frozen);
                shown = 0;
                var storage = new FaultyStorage(test._objects) { Showing = key => shown++ == wrong ? Flipped(key, at) : key };
                await using var next = await test.OpenAsync(storage);
                Assert.Equal(before, test.Keys());
                Assert.Equal(5, Assert.Single(next.Store.Checkpoints).Episode);
            }
        }

        Assert.True(wrong > 10);

        static string Flipped(string key, double at)
        {
            var index = at > 1 ? (int)at : (int)((key.Length - 1) * at);
            return $"{key[..index]}{(char)(key[index] ^ 4)}{key[(index + 1)..]}";
        }
    }

    private static StorageException NotAllowed(string key) => new(StorageErrorKind.Permanent, key, "not allowed");

    private string[] Keys() => [.. _objects.Objects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A run that saves once and ends well.</summary>
    /// <returns>All that it leaves.</returns>
    private async Task<string[]> LiveAsync(int frozen)
    {
        await using (var bench = await Bench.OpenAsync(_objects, frozen: frozen))
            await bench.SaveAsync(5);
        return Keys();
    }

    /// <summary>A process that saves so many times and is killed at the last change of a kind; nothing that it does later arrives.</summary>
    /// <returns>The ids of its checkpoints, oldest first.</returns>
    private async Task<string[]> DieAsync(string? verb, string key, int saves, int frozen = 0, int maxCheckpoints = -1)
    {
        var storage = new FaultyStorage(_objects);
        var killed = new TaskCompletionSource();
        var dead = await Bench.OpenAsync(new AnothersStorage(storage, AnothersStorage.Dead), maxCheckpoints, frozen, timers: new JumpingClock());
        var ids = new List<string>();
        for (var save = 1; save <= saves; save++)
        {
            if (save == saves && verb is not null)
                storage.Before = (v, k) => killed.Task.IsCompleted || (v == verb && k.EndsWith(key, StringComparison.Ordinal)) ? DeathAsync() : Task.CompletedTask;
            var (id, durable) = await dead.BeginSaveAsync(save);
            ids.Add(id);
            await Task.WhenAny(durable, killed.Task);
        }

        if (verb is not null)
            await killed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return [.. ids];

        Task DeathAsync()
        {
            killed.TrySetResult();
            return new TaskCompletionSource().Task;
        }
    }

    private async Task<Bench> OpenAsync(ICheckpointStorage? storage = null)
    {
        var bench = await Bench.OpenAsync(storage ?? _objects, timers: new JumpingClock(), loggers: _loggers);
        await bench.Store.ClaimAsync(default);
        return bench;
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A holder is taken for dead in the middle of a save, and goes on when another has the directory.</summary>
public sealed class TakeoverTests
{
    [Theory]
    [InlineData("before", "write", "claim.json", false)] // Before it announces.
    [InlineData("after", "write", "claim.json", false)]
    [InlineData("reading", "stat", "/metadata.json", false)] // Before it writes anything.
    [InlineData("before", "write", "base_weights/", false)]
    [InlineData("after", "write", "base_weights/", false)]
    [InlineData("before", "write", "lora_1.pt", false)]
    [InlineData("after", "write", "training_state.json", false)]
    [InlineData("reading", "stat", "claim.json", false)] // All data is there.
    [InlineData("before", "create", "/metadata.json", false)] // It has looked, and the directory was its own.
    [InlineData("after", "create", "/metadata.json", true)] // Committed, and not settled.
    public async Task Its_checkpoint_is_one_for_everybody_or_for_nobody(string where, string verb, string key, bool committed)
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync(frozen: 3);
        var pause = shared.PauseOldHolder(where, verb, key);
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.FallSilent();
        await using var heir = await shared.OpenNewAsync(frozen: 3);
        Assert.Equal(committed, heir.Ids.Contains(id));
        var saved = await heir.SaveAsync(2);
        pause.End();

        if (committed)
            Assert.Equal(id, (await durable).Id);
        else
            await Assert.ThrowsAsync<ClaimLostException>(() => durable);
        await ((Task)old.Store.FlushAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(committed ? [saved.Id, id] : [saved.Id], await shared.AssertWholeAsync());
        var left = await shared.Objects.KeysAsync(id + "/");
        Assert.True(committed || left.All(left => left == $"{id}/metadata.json"), string.Join(' ', left)); // At most the mark of what was given up.

        await AssertLostAsync(shared, old);
        await heir.SaveAsync(4);
        Assert.Equal(heir.Ids, await shared.AssertWholeAsync());
        Assert.True(Bench.Same(heir.Models, await Bench.RestoreAsync(heir.Store, heir.Ids[0], frozen: 3, frozenValue: 0)));
    }

    [Fact]
    public async Task Its_commit_and_the_takeover_race_and_one_wins()
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync();
        var pause = shared.PauseOldHolder("before", "create", "/metadata.json");
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.FallSilent();
        var forestalling = new Pause();
        shared.Storage.Before = (verb, key) => verb == "create" && key == $"{id}/metadata.json" ? forestalling.PassAsync() : Task.CompletedTask;
        var opening = shared.OpenNewAsync();
        await forestalling.Reached; // The claim is taken.
        pause.End();
        Assert.Equal(id, (await durable).Id);
        forestalling.End();
        await using var heir = await opening;
        Assert.Equal([id], heir.Ids);
        await AssertLostAsync(shared, old);
        Assert.Equal([id], await shared.AssertWholeAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // It does not even learn that it lost the directory.
    public async Task It_deletes_nothing_of_a_checkpoint_of_the_same_name_that_its_successor_is_writing(bool cutOff)
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync();
        var pause = shared.PauseOldHolder("before", "write", "claim.json");
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.FallSilent();
        await using var heir = await shared.OpenNewAsync(); // Its own clock says what the old one's said.
        var commitAsync = await WriteDataAsync(shared, heir, id);
        if (cutOff)
        {
            shared.OfOldHolder.Reading = (_, key) => key == "claim.json" ? throw new StorageException(StorageErrorKind.Permanent, key, "not allowed") : Task.CompletedTask;
            pause.End();
            await Assert.ThrowsAsync<StorageException>(() => durable);
        }
        else
        {
            pause.End();
            await Assert.ThrowsAsync<ClaimLostException>(() => durable);
        }

        await ((Task)old.Store.FlushAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await commitAsync();
        Assert.Equal([id], await shared.AssertWholeAsync());
    }

    [Fact]
    public async Task Where_its_claim_was_deleted_and_nobody_knew_what_it_had_announced_its_successor_takes_another_name()
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync();
        var pause = shared.PauseOldHolder("reading", "stat", "claim.json");
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.Objects.Objects.TryRemove("claim.json", out _);
        await using var heir = await shared.OpenNewAsync();
        Assert.Equal(id, Assert.Single(heir.Store.Damaged).CheckpointId); // Files without metadata, of which nobody says whose they are.
        var saved = await heir.SaveAsync(1);
        pause.End();
        await Assert.ThrowsAsync<ClaimLostException>(() => durable);
        await Assert.ThrowsAsync<ClaimLostException>(() => old.Store.FlushAsync());
        Assert.NotEqual(id, saved.Id);
        await using var opened = await Bench.OpenAsync(shared.Objects);
        Assert.Equal([saved.Id], opened.Ids);
    }

    [Fact]
    public async Task What_it_writes_into_a_checkpoint_that_was_given_up_before_it_is_killed_is_removed_by_the_next_start()
    {
        var shared = new SharedDirectory();
        var old = await shared.OpenOldAsync(); // Never disposed of: it is killed.
        var pause = shared.PauseOldHolder("before", "write", "training_state.json");
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.FallSilent();
        await using (var heir = await shared.OpenNewAsync())
        {
            var killed = new TaskCompletionSource();
            shared.OfOldHolder.After = (_, key) => key.EndsWith("training_state.json", StringComparison.Ordinal) && killed.TrySetResult() ? new TaskCompletionSource().Task : Task.CompletedTask;
            pause.End();
            await killed.Task;
            Assert.False(durable.IsCompleted);
            Assert.Contains($"{id}/training_state.json", shared.Objects.Objects.Keys);
        }

        var loggers = new ListeningLoggers();
        await using var next = await shared.OpenNewAsync(loggers: loggers);
        Assert.Equal($"Removed what a process that ended early had left half-way: {id}", Assert.Single(loggers.Messages));
        Assert.Equal([$"{id}/metadata.json"], await shared.Objects.KeysAsync(id + "/"));
    }

    [Fact]
    public async Task A_successor_that_dies_at_once_hands_the_doubt_on()
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync();
        var pause = shared.PauseOldHolder("before", "create", "/metadata.json");
        var (id, durable) = await old.BeginSaveAsync(1);
        await pause.Reached;
        shared.FallSilent();
        var dying = new FaultyStorage(shared.Objects);
        var between = await Bench.OpenAsync(new AnothersStorage(dying, AnothersStorage.Dead), timers: new JumpingClock());
        dying.After = (_, key) =>
        {
            if (key == "claim.json")
                dying.Before = (_, _) => throw new IOException("killed");
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<StorageException>(() => between.Store.ClaimAsync(default));
        Assert.Equal(AnothersStorage.Dead, shared.Claim.Holder);

        await using var heir = await shared.OpenNewAsync();
        pause.End();
        await Assert.ThrowsAsync<ClaimLostException>(() => durable);
        Assert.Empty(await shared.AssertWholeAsync());
    }

    /// <summary>Has the new holder write a checkpoint's data.</summary>
    /// <returns>Has it commit the checkpoint.</returns>
    private static async Task<Func<Task>> WriteDataAsync(SharedDirectory shared, Bench heir, string id)
    {
        var committing = new Pause();
        shared.Storage.Before = (verb, _) => verb == "create" ? committing.PassAsync() : Task.CompletedTask;
        var (same, durable) = await heir.BeginSaveAsync(1);
        await committing.Reached;
        Assert.Equal(id, same);
        return () =>
        {
            committing.End();
            return durable;
        };
    }

    /// <summary>The old holder can commit nothing any more, and says why.</summary>
    private static async Task AssertLostAsync(SharedDirectory shared, Bench old)
    {
        var before = shared.OfOldHolder.Changes.Count;
        var error = await Assert.ThrowsAsync<ClaimLostException>(() => old.SaveAsync(9));
        Assert.Equal(
            "memory was taken over by process 4711 on host 'new', as this process had not been heard of for more than 60 s. "
            + "Nothing more is saved there by this process; run again to go on from the newest checkpoint, or choose another directory.",
            error.Message);
        Assert.Equal(error.Message, (await Assert.ThrowsAsync<ClaimLostException>(() => old.SaveAsync(10))).Message);
        Assert.Equal(before, shared.OfOldHolder.Changes.Count);
    }
}

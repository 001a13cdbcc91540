using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Base weights are shared, and whoever stores or removes them may have lost the directory meanwhile.</summary>
public sealed class BaseWeightsRaceTests
{
    [Theory]
    [InlineData("before", "base_weights/")]
    [InlineData("after", "base_weights/")]
    [InlineData("before", "/metadata.json")]
    [InlineData("after", "/metadata.json")]
    [InlineData("before", "lora_0.pt")]
    public async Task A_removal_that_goes_on_after_a_takeover_takes_nothing_that_a_checkpoint_needs(string where, string key)
    {
        var shared = new SharedDirectory();
        await using (var first = await shared.OpenNewAsync(frozen: 10))
        {
            await first.SaveAsync(1);
            await first.SaveAsync(2);
        }

        await using var old = await shared.OpenOldAsync(maxCheckpoints: 1, frozen: 20);
        var pause = shared.PauseOldHolder(where, "delete", key);
        await (await old.BeginSaveAsync(3)).Durable;
        await pause.Reached;
        shared.FallSilent();

        // Its model stands on the base weights that the old holder is about to remove.
        await using (var heir = await shared.OpenNewAsync(frozen: 10))
        {
            await heir.SaveAsync(4);
            Assert.Equal([4, 3], heir.Store.Checkpoints.Select(saved => (int)saved.Episode));
            pause.End();
            await old.Store.FlushAsync(); // What becomes of a removal is only logged.
            Assert.Equal(heir.Ids, await shared.AssertWholeAsync());
            await heir.SaveAsync(5);
            Assert.Equal(heir.Ids, await shared.AssertWholeAsync());
        }

        await Assert.ThrowsAsync<ClaimLostException>(() => old.SaveAsync(9));
        await using var next = await shared.OpenNewAsync(maxCheckpoints: 1, frozen: 10);
        Assert.True(Bench.Same(next.Models, await Bench.RestoreAsync(next.Store, next.Ids[0], frozen: 10, frozenValue: 0)));
        await next.SaveAsync(6);
        await next.Store.FlushAsync();
        Assert.Equal(next.Ids, await shared.AssertWholeAsync());
        Assert.Single(next.Ids);
        Assert.Single(shared.Objects.Objects.Keys, stored => stored.StartsWith("base_weights/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sweep_that_goes_on_after_a_takeover_takes_nothing_that_a_checkpoint_needs()
    {
        var shared = new SharedDirectory();
        var dead = await Bench.OpenAsync(new AnothersStorage(shared.Storage, AnothersStorage.Dead), frozen: 3, timers: new JumpingClock());
        shared.Storage.Before = (_, key) => key.EndsWith(".pt", StringComparison.Ordinal) ? throw new InvalidOperationException("killed") : Task.CompletedTask;
        var (_, dying) = await dead.BeginSaveAsync(1);
        await Assert.ThrowsAnyAsync<Exception>(() => dying);
        shared.Storage.Before = (_, _) => Task.CompletedTask;

        var pause = shared.PauseOldHolder("before", "delete", "base_weights/");
        var sweeping = shared.OpenOldAsync(frozen: 3);
        await pause.Reached;
        shared.FallSilent();
        await using var heir = await shared.OpenNewAsync(frozen: 3);
        await heir.SaveAsync(2);
        pause.End();
        await using var old = await sweeping;
        Assert.Equal(heir.Ids, await shared.AssertWholeAsync());
    }

    [Fact]
    public async Task Base_weights_that_a_checkpoint_stood_on_before_the_takeover_are_not_stored_again()
    {
        var shared = new SharedDirectory();
        await using var old = await shared.OpenOldAsync(frozen: 10);
        await old.SaveAsync(1);
        Assert.NotEmpty(shared.Claim.Pending); // It was written last before the save.
        shared.FallSilent();
        await using var heir = await shared.OpenNewAsync(frozen: 10);
        await heir.SaveAsync(2);
        Assert.Equal(2, (await shared.AssertWholeAsync()).Count);
        Assert.Single(shared.Objects.Objects.Keys, stored => stored.StartsWith("base_weights/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_save_and_a_removal_at_once_leave_whole_checkpoints()
    {
        var shared = new SharedDirectory();
        shared.Storage.Before = async (_, _) => await Task.Yield();
        await using var bench = await shared.OpenNewAsync(maxCheckpoints: 1, frozen: 10);
        for (var episode = 1; episode <= 20; episode++)
        {
            var (_, durable) = await bench.BeginSaveAsync(episode);
            await Task.WhenAll([durable, .. Enumerable.Range(0, 4).Select(_ => Task.Run(() => bench.Store.PruneAsync("run", default)))]);
            await bench.Store.FlushAsync();
            Assert.Equal(bench.Ids, await shared.AssertWholeAsync());
        }

        Assert.Equal([20], bench.Store.Checkpoints.Select(saved => (int)saved.Episode));
    }
}

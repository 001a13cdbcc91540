using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>A server that is gone for a time, by a clock that jumps from one try to the next.</summary>
public sealed class OutageTests
{
    [S3Theory]
    [InlineData(2, 119)]
    [InlineData(60, 3_590)]
    public Task On_S3_an_outage_shorter_than_RetryFor_costs_nothing(int retryMinutes, int outageSeconds) => SitsOutAsync(Store.S3, retryMinutes, outageSeconds);

    [AzureTheory]
    [InlineData(2, 119)]
    [InlineData(60, 3_590)]
    public Task On_Azure_an_outage_shorter_than_RetryFor_costs_nothing(int retryMinutes, int outageSeconds) => SitsOutAsync(Store.Azure, retryMinutes, outageSeconds);

    [S3Fact]
    public Task On_S3_an_hours_outage_is_told_and_the_next_save_after_it_succeeds() => GivesUpAsync(Store.S3);

    [AzureFact]
    public Task On_Azure_an_hours_outage_is_told_and_the_next_save_after_it_succeeds() => GivesUpAsync(Store.Azure);

    [S3Fact]
    public Task On_S3_a_server_that_falls_silent_is_given_up_within_the_stated_time() => FallsSilentAsync(Store.S3);

    [AzureFact]
    public Task On_Azure_a_server_that_falls_silent_is_given_up_within_the_stated_time() => FallsSilentAsync(Store.Azure);

    private static async Task FallsSilentAsync(Store store)
    {
        var (clock, folder, loop, isSilent) = (new JumpingClock(), Store.NewFolder(), new Loop(), false);
        await using var wire = new FaultyWire(store.Server, store.IsAzure, clock, () => isSilent ? Fault.Stall : Fault.None);
        var storage = store.Open(wire.Address, folder, timeout: TimeSpan.FromMinutes(1), time: clock);
        var options = new CheckpointManagerOptions { RunName = "loop", MaxCheckpoints = -1, RetryFor = TimeSpan.FromMinutes(2) };
        var manager = await CheckpointManager.OpenAsync(new AnothersStorage(storage, AnothersStorage.Dead), options, new HostServices { Time = clock });
        loop.Reach(1);
        var saved = await (await manager.SaveAsync(1, null, loop.State));
        await manager.FlushAsync();

        isSilent = true;
        var silent = clock.Now;
        loop.Reach(2);
        var error = await Assert.ThrowsAsync<StorageException>(async () => await (await manager.SaveAsync(2, null, loop.State)));
        Assert.Contains("nothing moved for 60 s (Timeout)", error.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Now - silent, options.RetryFor, options.RetryFor + TimeSpan.FromSeconds(60 + 10 + 60));

        silent = clock.Now;
        await manager.DisposeAsync();
        Assert.InRange(clock.Now - silent, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(61));
        (storage as IDisposable)?.Dispose();
        await Aftermath.AssertNothingLostAsync(store, folder, [saved.Id], 64, "a silent server");
    }

    private static async Task SitsOutAsync(Store store, int retryMinutes, int outageSeconds)
    {
        var (clock, folder, loop) = (new JumpingClock(), Store.NewFolder(), new Loop());
        var back = clock.Now;
        await using var wire = new FaultyWire(store.Server, store.IsAzure, clock, () => clock.Now < back ? Fault.Reset : Fault.None);
        var storage = store.Open(wire.Address, folder, time: clock);
        var durable = new List<string>();
        var options = new CheckpointManagerOptions { RunName = "loop", MaxCheckpoints = -1, RetryFor = TimeSpan.FromMinutes(retryMinutes) };
        await using (var manager = await CheckpointManager.OpenAsync(new AnothersStorage(storage, AnothersStorage.Dead), options, new HostServices { Time = clock }))
        {
            for (var step = 1; step <= 4; step++)
            {
                loop.Reach(step);
                var save = await manager.SaveAsync(step, null, loop.State); // Training goes on at once, whether or not the server is there.
                if (step == 2)
                    back = clock.Now.AddSeconds(outageSeconds);
                if (step is 1 or 4)
                    await manager.FlushAsync();
                durable.Add(save.Id);
            }
        }

        Assert.True(clock.Now >= back, "the outage was over before anything met it");
        (storage as IDisposable)?.Dispose();
        await Aftermath.AssertNothingLostAsync(store, folder, durable, 64, $"an outage of {outageSeconds} s");
    }

    private static async Task GivesUpAsync(Store store)
    {
        var (clock, folder, loop) = (new JumpingClock(), Store.NewFolder(), new Loop());
        var back = clock.Now;
        await using var wire = new FaultyWire(store.Server, store.IsAzure, clock, () => clock.Now < back ? Fault.Reset : Fault.None);
        var storage = store.Open(wire.Address, folder, time: clock);
        var durable = new List<string>();
        await using (var manager = await CheckpointManager.OpenAsync(
            new AnothersStorage(storage, AnothersStorage.Dead), new() { RunName = "loop", MaxCheckpoints = -1 }, new HostServices { Time = clock }))
        {
            loop.Reach(1);
            durable.Add((await (await manager.SaveAsync(1, null, loop.State))).Id);
            await manager.FlushAsync();

            back = clock.Now.AddHours(1);
            loop.Reach(2);
            var error = await Assert.ThrowsAsync<StorageException>(async () => await (await manager.SaveAsync(2, null, loop.State)));
            Assert.Contains(storage.Location, error.Message, StringComparison.Ordinal);
            Assert.True(clock.Now < back, "it was waited for");

            clock.Advance(TimeSpan.FromHours(1));
            loop.Reach(3);
            durable.Add((await (await manager.SaveAsync(3, null, loop.State))).Id);
        }

        (storage as IDisposable)?.Dispose();
        await Aftermath.AssertNothingLostAsync(store, folder, durable, 64, "an hour's outage");
    }
}

using System.Collections.Concurrent;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins;
using CoreSrl.Storage.Tests.Conformance;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>
/// A training loop saves through a wire that fails by a seeded schedule; whenever it is stopped it starts again, as a process of its
/// own. CORESRL_FAULT_SCHEDULES says how many schedules, CORESRL_FAULT_SEED where they begin.
/// </summary>
public sealed class FaultScheduleTests
{
    private const int Steps = 3;
    private const int Lives = 4;
    private const int AtATime = 12;

    // Time passes on the schedule's own clock: by a real one, what takes minutes is stuck.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly int Schedules = Number("CORESRL_FAULT_SCHEDULES", 150);
    private static readonly int FirstSeed = Number("CORESRL_FAULT_SEED", 1);

    [S3Fact]
    public Task On_S3_no_schedule_of_faults_loses_or_damages_what_was_reported_durable() => SurviveAllAsync(Store.S3);

    [AzureFact]
    public Task On_Azure_no_schedule_of_faults_loses_or_damages_what_was_reported_durable() => SurviveAllAsync(Store.Azure);

    private static async Task SurviveAllAsync(Store store)
    {
        var failures = new ConcurrentBag<string>();
        await Parallel.ForAsync(FirstSeed, FirstSeed + Schedules, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (seed, _) =>
        {
            try
            {
                await SurviveAsync(store, seed).WaitAsync(Limit, CancellationToken.None);
            }
            catch (Exception e)
            {
                failures.Add($"seed {seed}: {e.Message}");
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
    }

    private static async Task SurviveAsync(Store store, int seed)
    {
        var schedule = new FaultSchedule(seed);
        var folder = Store.NewFolder();
        var keepsAll = seed % 2 == 0;
        var floats = seed % 10 == 0 ? store.FloatsInParts : 64; // Some states go up in parts.
        var waits = seed % 3 != 0; // Some loops wait for each save, some let them queue.
        var isPlain = seed % 4 == 0; // Some have nothing but the engine's own digests to tell them what is wrong.
        var (durable, errors) = (new List<string>(), new List<string>());
        var options = new CheckpointManagerOptions { RunName = "loop", SaveInterval = 1, MaxCheckpoints = keepsAll ? -1 : 1 };
        var clock = new JumpingClock();
        await using (var wire = new FaultyWire(store.Server, store.IsAzure, clock, schedule.Next))
        {
            var step = 0;
            for (var life = 0; life < Lives && step < Steps; life++)
            {
                schedule.Renew();
                var storage = store.Open(wire.Address, folder, time: clock);
                using var connection = storage as IDisposable;
                var services = new HostServices { Time = clock };
                try
                {
                    await using var manager = await CheckpointManager.OpenAsync(
                        new AnothersStorage(isPlain ? new FiveVerbStorage(storage) : storage, AnothersStorage.Dead), options, services);
                    manager.Saved += saved => durable.Add(saved.Id); // One at a time, in the order in which they began.
                    var loop = new Loop(floats);
                    await manager.RestoreLatestAsync(loop.State);
                    while (step < Steps)
                    {
                        loop.Reach(++step);
                        var save = await manager.SaveAsync(step, null, loop.State);
                        if (waits)
                            await save;
                    }
                }
                catch (Exception e) when (e is StorageException or ClaimLostException or DirectoryInUseException or DamagedCheckpointException)
                {
                    errors.Add(e.Message);
                }
            }
        }

        var story = $"seed {seed} ({schedule.Story}; {string.Join(" | ", errors)})";
        foreach (var unwanted in new[] { "nobody foresaw", "srl-test-secret", "c3JsLXRlc3Qtc2VjcmV0" })
            Assert.False(errors.Exists(error => error.Contains(unwanted, StringComparison.Ordinal)), story);

        await Aftermath.AssertNothingLostAsync(store, folder, keepsAll ? durable : [.. durable.TakeLast(1)], floats, story);
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;
}

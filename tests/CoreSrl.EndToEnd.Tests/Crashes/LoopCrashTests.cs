using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Killing;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>
/// A training loop that saves after every step is killed before, inside and after its calls to the storage. After every death there
/// are only whole checkpoints, the newest is as new as was promised, and the next run ends where an undisturbed one does.
/// </summary>
public sealed class LoopCrashTests(ITestOutputHelper output)
{
    private const long Steps = 11;
    private const int KillsInARow = 4;
    private static readonly int Count = KillPoints.Count("CORESRL_LOOP_CRASHES", 32);

    private readonly KillPoints _points = new(output);

    [Fact]
    public async Task A_kill_at_any_call_to_the_storage_costs_nothing_that_was_durable()
    {
        using var undisturbed = new TemporaryFolder();
        var calls = StorageCall.ReadAll((await LoopRun.RunAsync(undisturbed.Path, Steps, KillPoint.Never)).Finished(LoopRun.End).Error);
        Assert.Equal(Enum.GetValues<CallKind>(), calls.Select(call => call.Kind).Distinct().Order());

        await _points.ForEachAsync([.. StorageCall.Spread(calls, Count, new(_points.Seed))], async (point, tell) =>
        {
            using var folder = new TemporaryFolder();
            var run = (await LoopRun.RunAsync(folder.Path, Steps, point)).Died();
            tell(run.Killed!);
            var steps = await CrashedDirectory.AssertLoopAsync(folder.Path, run.DurableStep());
            tell($"durable {run.DurableStep()}, there {string.Join(' ', steps)}");
            await AssertGoesOnAsync(folder.Path, undisturbed.Path);
        });

        Assert.Equal(Enum.GetValues<CallKind>(), _points.Met);
    }

    [Fact]
    public async Task Kills_in_a_row_cost_no_more_than_one()
    {
        using var undisturbed = new TemporaryFolder();
        var calls = StorageCall.ReadAll((await LoopRun.RunAsync(undisturbed.Path, Steps, KillPoint.Never)).Finished(LoopRun.End).Error);

        await _points.ForEachAsync([.. StorageCall.Spread(calls, Count / 8, new(~_points.Seed))], async (first, tell) =>
        {
            using var folder = new TemporaryFolder();
            var random = new Random(first.Seed);
            var point = first;
            for (var (kill, durable) = (0, 0L); kill < KillsInARow; kill++)
            {
                var run = await LoopRun.RunAsync(folder.Path, Steps, point);
                tell(run.Killed ?? "finished");
                durable = Math.Max(durable, run.DurableStep());
                tell($"durable {durable}, there {string.Join(' ', await CrashedDirectory.AssertLoopAsync(folder.Path, durable))}");
                // The later ones meet a process that cleans up behind the one before, or has just done so.
                point = new(random.Next(1, 40), (KillPlace)random.Next(3), random.Next());
            }

            await AssertGoesOnAsync(folder.Path, undisturbed.Path);
        });
    }

    private static async Task AssertGoesOnAsync(string path, string undisturbed)
    {
        CrashedDirectory.Age(path);
        var run = (await LoopRun.RunAsync(path, Steps, null)).Finished(LoopRun.End);
        await CrashedDirectory.AssertLoopAsync(path, run.DurableStep());
        CrashedDirectory.AssertSame(undisturbed, path);
    }
}

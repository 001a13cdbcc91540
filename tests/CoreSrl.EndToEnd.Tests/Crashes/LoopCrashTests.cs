using System.Collections.Concurrent;
using System.Globalization;
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

    /// <summary>How many kill points there are; the script <c>tests/crash-points</c> asks for more.</summary>
    private static readonly int Points = int.Parse(Environment.GetEnvironmentVariable("CORESRL_CRASHES") ?? "32", CultureInfo.InvariantCulture);

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;

    [Fact]
    public async Task A_kill_at_any_call_to_the_storage_costs_nothing_that_was_durable()
    {
        using var undisturbed = new TemporaryFolder();
        var calls = StorageCall.ReadAll((await LoopRun.RunAsync(undisturbed.Path, Steps, KillPoint.Never)).Finished().Error);
        Assert.Equal(Enum.GetValues<CallKind>(), calls.Select(call => call.Kind).Distinct().Order());
        var met = new ConcurrentBag<CallKind?>();

        await ForEachAsync([.. StorageCall.Spread(calls, Points, new(_seed))], async (point, tell) =>
        {
            using var folder = new TemporaryFolder();
            var run = (await LoopRun.RunAsync(folder.Path, Steps, point)).Died();
            tell(run.Killed!);
            var steps = await CrashedDirectory.AssertLoopAsync(folder.Path, run.Durable);
            tell($"durable {run.Durable}, there {string.Join(' ', steps)}");
            met.Add(StorageCall.KindOfDeath(run.Killed));
            await AssertGoesOnAsync(folder.Path, undisturbed.Path);
        });

        Assert.Equal(Enum.GetValues<CallKind>(), met.OfType<CallKind>().Distinct().Order());
    }

    [Fact]
    public async Task Kills_in_a_row_cost_no_more_than_one()
    {
        using var undisturbed = new TemporaryFolder();
        var calls = StorageCall.ReadAll((await LoopRun.RunAsync(undisturbed.Path, Steps, KillPoint.Never)).Finished().Error);

        await ForEachAsync([.. StorageCall.Spread(calls, Points / 8, new(~_seed))], async (first, tell) =>
        {
            using var folder = new TemporaryFolder();
            var random = new Random(first.Seed);
            var point = first;
            for (var (kill, durable) = (0, 0L); kill < KillsInARow; kill++)
            {
                var run = await LoopRun.RunAsync(folder.Path, Steps, point);
                tell(run.Killed ?? "finished");
                durable = Math.Max(durable, run.Durable);
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
        var run = (await LoopRun.RunAsync(path, Steps, null)).Finished();
        await CrashedDirectory.AssertLoopAsync(path, run.Durable);
        CrashedDirectory.AssertSame(undisturbed, path);
    }

    /// <summary>Tries all points, as many at a time as there are cores, and tells of all that fail.</summary>
    private async Task ForEachAsync(IReadOnlyList<KillPoint> points, Func<KillPoint, Action<string>, Task> tryAsync)
    {
        output.WriteLine($"CORESRL_TEST_SEED={_seed}");
        var failures = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (point, _) =>
        {
            var told = new List<string>();
            try
            {
                await tryAsync(point, told.Add);
            }
            catch (Exception e)
            {
                failures.Add($"{point}: {string.Join("; ", told)}\n{e}");
            }

            output.WriteLine($"{point}: {string.Join("; ", told)}");
        });
        Assert.True(failures.IsEmpty, $"CORESRL_TEST_SEED={_seed}: {failures.Count} of {points.Count} failed.\n{string.Join("\n\n", failures)}");
    }
}

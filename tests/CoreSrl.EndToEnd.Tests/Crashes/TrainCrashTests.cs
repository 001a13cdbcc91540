using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;
using CoreSrl.Killing;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>
/// The real <c>srl train</c> is killed before, inside and after its calls to the storage. After every death there are only whole
/// checkpoints, as new as it had said; the next run goes on from the newest, and ends in the bits of a run that was never killed.
/// </summary>
public sealed class TrainCrashTests(ITestOutputHelper output)
{
    private static readonly int Count = KillPoints.Count("CORESRL_TRAIN_CRASHES", 24);

    private readonly KillPoints _points = new(output);

    [Fact]
    public async Task A_kill_at_any_call_to_the_storage_ends_in_the_same_bits()
    {
        using var undisturbed = new TemporaryFolder();
        var calls = StorageCall.ReadAll((await TrainRun.RunAsync(undisturbed, KillPoint.Never)).Finished(TrainRun.End).Error);

        // A run's checkpoints all stand on the same base weights, so these are removed only behind a process that died between them
        // and its first commit: the next run removes them, and can be killed then.
        using var halfway = new TemporaryFolder();
        var commit = calls.First(call => call.Kind == CallKind.Commit).Number;
        Assert.Equal(CallKind.Commit, StorageCall.KindOfDeath((await TrainRun.RunAsync(halfway, new(commit, KillPlace.Before, 0))).Died().Killed));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(halfway.Checkpoints(), "base_weights")).Length);
        Assert.Empty(await CrashedDirectory.AssertWholeAsync(halfway.Checkpoints()));
        using var swept = new TemporaryFolder();
        FolderCopy.Make(halfway.Path, swept.Path);
        var sweep = StorageCall.ReadAll((await TrainRun.RunAsync(swept, KillPoint.Never)).Finished(TrainRun.End).Error)
            .Where(call => call.Kind is CallKind.BaseWeightsRemoval or CallKind.Removal or CallKind.BaseWeights).ToList();
        Assert.Equal(2, sweep.Count(call => call.Kind == CallKind.BaseWeightsRemoval));
        AssertSame(undisturbed, swept);

        var random = new Random(_points.Seed);
        var first = StorageCall.Spread(calls, Count * 5 / 8, random).ToList();
        var second = StorageCall.Spread(sweep, Count - first.Count, random).ToHashSet();
        await _points.ForEachAsync([.. second, .. first], async (point, tell) =>
        {
            using var folder = new TemporaryFolder();
            if (second.Contains(point))
                FolderCopy.Make(halfway.Path, folder.Path);
            var run = (await TrainRun.RunAsync(folder, point)).Died();
            tell(run.Killed!);
            var saved = await CrashedDirectory.AssertWholeAsync(folder.Checkpoints());
            tell($"saved {run.DurableEpisode()}, there {string.Join(' ', saved.Select(checkpoint => checkpoint.Episode))}");
            Assert.True(saved.Select(checkpoint => checkpoint.Episode).FirstOrDefault() >= run.DurableEpisode(), "what was said to be saved is not there");
            await AssertGoesOnAsync(folder, saved is [var newest, ..] ? newest : null, undisturbed);
        });

        Assert.Equal(Enum.GetValues<CallKind>(), _points.Met);
    }

    private static async Task AssertGoesOnAsync(TemporaryFolder folder, Abstractions.SavedCheckpoint? newest, TemporaryFolder undisturbed)
    {
        CrashedDirectory.Age(folder.Checkpoints());
        var run = await TrainRun.RunAsync(folder, null);
        run.Finished(newest switch
        {
            null => TrainRun.End,
            { Final: true } => TrainRun.AlreadyFinished,
            _ => $"Going on from checkpoint '{newest.Id}'",
        });
        await CrashedDirectory.AssertWholeAsync(folder.Checkpoints());
        if (newest is { Final: true })
            AssertHolds(undisturbed, folder); // What the final save would have removed stays: a finished run is left alone.
        else
            AssertSame(undisturbed, folder);
    }

    /// <summary>Asserts that a folder holds what the undisturbed run left: the same files, to the last bit where no clock decides.</summary>
    private static void AssertSame(TemporaryFolder undisturbed, TemporaryFolder folder)
    {
        Assert.Equal(CrashedDirectory.Files(undisturbed.Checkpoints()).Keys, CrashedDirectory.Files(folder.Checkpoints()).Keys);
        RunDirectory.AssertSameRun(new(undisturbed.Checkpoints()), new(folder.Checkpoints()));
    }

    private static void AssertHolds(TemporaryFolder undisturbed, TemporaryFolder folder)
    {
        var (expected, actual) = (CrashedDirectory.Files(undisturbed.Checkpoints()), CrashedDirectory.Files(folder.Checkpoints()));
        Assert.Superset(expected.Keys.ToHashSet(), actual.Keys.ToHashSet());
        foreach (var name in expected.Keys.Where(name => !name.EndsWith(".json", StringComparison.Ordinal)))
            Assert.True(File.ReadAllBytes(expected[name]).AsSpan().SequenceEqual(File.ReadAllBytes(actual[name])), $"{name} differs");
    }
}

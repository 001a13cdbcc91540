using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Storage Management: <c>srl prune</c> removes the checkpoints that no given rule keeps.</summary>
public sealed class StorageManagementTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public async Task A_dry_run_says_what_would_go_and_the_real_one_frees_just_that()
    {
        using var folder = run.Copy();
        string[] prune = ["prune", "run.json", "--keep-last", "3", "--json"];
        var before = Size(folder);
        var would = JsonNode.Parse((await Srl.RunAsync(folder.Path, [.. prune, "--dry-run"])).Succeeded().Output)!;
        Assert.True((bool)would["dry_run"]!);
        Assert.Equal(before, Size(folder));

        var done = JsonNode.Parse((await Srl.RunAsync(folder.Path, prune)).Succeeded().Output)!;
        Assert.Equal(would["removed"]!.ToJsonString(), done["removed"]!.ToJsonString());
        Assert.Equal([12, 9, 6, 3], done["removed"]!.AsArray().Select(saved => Episode((string)saved!["id"]!)));
        Assert.Equal(before - Size(folder), (long)done["bytes_freed"]!);
        Assert.Equal([24, 21, 18, 15], (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints))).Select(saved => saved.Episode));
    }

    [Fact]
    public async Task A_checkpoint_goes_when_no_given_rule_keeps_it()
    {
        using var folder = run.Copy();
        var saved = await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints));
        var worst = saved.Where(one => !one.Final).MinBy(one => one.Metrics["recent_reward"])!;
        var said = (await Srl.RunAsync(folder.Path, "prune", "run.json", "--keep-last", "1", "--keep-best", "1", "--metric", "recent_reward", "--mode", "min")).Succeeded();
        Assert.Contains("removed, which frees", said.Output, StringComparison.Ordinal);
        var left = (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints))).Select(one => one.Id);
        Assert.Equal(saved.Where((one, index) => index < 2 || one.Id == worst.Id).Select(one => one.Id), left);
    }

    [Fact]
    public async Task Final_checkpoints_and_other_runs_stay_unless_they_are_named()
    {
        using var folder = run.Copy();
        var first = (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints)))[0].RunId;
        (await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=27")).Succeeded(); // Two final ones.
        (await Srl.RunAsync(folder.Path, "train", "run.json", "--dir", "other", "--set", "Training:MaxEpisodes=6")).Succeeded();
        (await Srl.RunAsync(folder.Path, "restore", "--all", "--from", "other", "--config", "run.json")).Succeeded();
        async Task<string> LeftAsync(params string[] arguments)
        {
            (await Srl.RunAsync(folder.Path, ["prune", "run.json", .. arguments])).Succeeded();
            return string.Join(' ', (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints))).Select(one => $"{(one.RunId == first ? "" : "other ")}{one.Episode}"));
        }

        Assert.Equal("other 6 other 3 27 24 21 18 15 12 9 6 3", await LeftAsync("--older-than", "1d"));
        Assert.Equal("other 6 other 3 27 24 21", await LeftAsync("--keep-last", "1", "--run", first));
        Assert.Equal("other 6 other 3 27", await LeftAsync("--keep-last", "1", "--run", first, "--include-final"));
    }

    [Theory]
    [InlineData("prune", "Say what to keep: --keep-last N, --keep-best N, --older-than AGE")]
    [InlineData("prune --keep-last 0", "--keep-last 0: at least 1 is required.")]
    [InlineData("prune --older-than soon", "--older-than soon: not an age. Examples: 30d (days), 12h (hours), 90m (minutes).")]
    [InlineData("prune --keep-last 1 --run another", "holds no run 'another'.")]
    public async Task What_makes_no_sense_removes_nothing(string arguments, string message)
    {
        using var folder = run.Copy();
        var before = Size(folder);
        var result = await Srl.RunAsync(folder.Path, [.. arguments.Split(' '), "--dir", TrainedRun.Checkpoints]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Size(folder));
    }

    private static long Size(TemporaryFolder folder) =>
        new DirectoryInfo(folder.File(TrainedRun.Checkpoints)).GetFiles("*", SearchOption.AllDirectories).Where(file => file.Name is not ("claim.json" or ".srl-lock")).Sum(file => file.Length);

    private static int Episode(string id) => int.Parse(id.Split('_')[^2]);
}

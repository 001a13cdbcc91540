using System.Buffers.Binary;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CoreSrl.EndToEnd.Tests.BadInput;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Performance Comparison: the average reward from checkpoint to checkpoint, as numbers and drawn.</summary>
[Collection(AFinishedRun.Name)]
public sealed class PerformanceComparisonTests(FinishedRun run)
{
    [Fact]
    public async Task The_newest_ten_are_compared_by_the_guides_own_average_oldest_first()
    {
        var compared = (await run.ReadAsync("compare", "--dir", "checkpoints", "--json")).AsArray();

        var newest = run.Checkpoints.TakeLast(10).ToList();
        Assert.Equal(newest.Select(Path.GetFileName), compared.Select(entry => (string?)entry!["id"]));
        Assert.Equal(newest.Select(Average), compared.Select(entry => (double)entry!["avg_reward"]!), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Null(compared[0]!["change"]);
        for (var i = 1; i < newest.Count; i++)
            Assert.Equal(Average(newest[i]) - Average(newest[i - 1]), (double)compared[i]!["change"]!, 1e-12);
    }

    [Fact]
    public async Task What_is_left_out_is_said_and_can_be_asked_for()
    {
        Assert.StartsWith("The newest 10 of 24 checkpoints, oldest first; --last 24 compares all.", await run.SayAsync("compare", "--dir", "checkpoints"), StringComparison.Ordinal);
        Assert.Equal(24, (await run.ReadAsync("compare", "--dir", "checkpoints", "--last", "24", "--json")).AsArray().Count);
    }

    [Fact]
    public async Task The_progress_is_drawn_as_a_picture()
    {
        using var folder = new TemporaryFolder();
        var picture = folder.File("training_progress.png");

        Assert.Equal($"Wrote {picture}\n", await run.SayAsync("plot", "--dir", "checkpoints", "--out", picture));

        var png = await File.ReadAllBytesAsync(picture);
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], png[..8]);
        Assert.Equal((1000, 560), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        Assert.Equal([picture], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_picture_says_what_it_shows_and_its_lines_are_told_apart_without_colour()
    {
        using var folder = new TemporaryFolder();
        await run.SayAsync("plot", "run.json", "--out", folder.File("progress.SVG"));

        var svg = XDocument.Load(folder.File("progress.SVG"));
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()).ToList();
        Assert.Superset(
            new HashSet<string> { "arena: average reward by checkpoint", "Episode", "Average reward", "red", "green", "blue", "all models", "best: episode 12", "final: episode 24" },
            texts.ToHashSet());
        // One each in the chart and in the legend; the first model and all models together have no gaps, and differ in width and markers.
        var dashes = svg.Descendants().Select(element => (string?)element.Attribute("stroke-dasharray")).OfType<string>().GroupBy(dash => dash).ToDictionary(same => same.Key, same => same.Count());
        Assert.Equal(["10 4", "12 6", "2 3", "2 4"], dashes.Keys.Order(StringComparer.Ordinal));
        Assert.All(dashes.Values, count => Assert.Equal(2, count));
    }

    [Fact]
    public async Task Without_a_picture_each_model_is_a_line_of_text()
    {
        var said = await run.SayAsync("plot", "--dir", "checkpoints");

        foreach (var model in new[] { "red", "green", "blue", "all models" })
            Assert.Matches(new Regex($@"^{model}( +-?\d+\.\d{{3}}){{4}}   [▁▂▃▄▅▆▇█]{{24}}$", RegexOptions.Multiline), said);
        Assert.Contains("24 checkpoints, of episodes 1 to 24.", said, StringComparison.Ordinal);
        Assert.Contains("Best: arena_ep_12_", said, StringComparison.Ordinal);
        Assert.Contains("Final: final_arena_ep_24_", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_metric_of_the_checkpoints_can_be_shown()
    {
        var plotted = await run.ReadAsync("plot", "--dir", "checkpoints", "--metric", "diversity_score", "--json");

        var curve = Assert.Single(plotted["curves"]!.AsArray())!;
        Assert.Null(curve["model"]);
        Assert.Equal(
            run.Checkpoints.Select(checkpoint => (double)RunDirectory.Metadata(checkpoint)["global_metrics"]!["diversity_score"]!),
            curve["points"]!.AsArray().Select(point => (double)point!["value"]!));
    }

    [Fact]
    public async Task A_single_checkpoint_is_a_point()
    {
        using var folder = new TemporaryFolder();
        var only = run.Checkpoints[4];
        CopyFolder(only, folder.File($"checkpoints/{Path.GetFileName(only)}"));

        Assert.Contains("One checkpoint, of episode 5.", (await Srl.RunAsync(folder.Path, "plot", "--dir", "checkpoints")).Succeeded().Output, StringComparison.Ordinal);
        (await Srl.RunAsync(folder.Path, "plot", "--dir", "checkpoints", "--out", "one.png")).Succeeded();
        Assert.True(File.Exists(folder.File("one.png")));
    }

    [Fact]
    public Task An_unknown_metric_suggests_the_nearest() => Refusal.CheckInAsync(run.Folder, "plot --dir checkpoints --metric avg_rewrd");

    [Fact]
    public Task A_picture_of_another_kind_is_refused() => Refusal.CheckInAsync(run.Folder, "plot --dir checkpoints --out progress.jpg");

    [Fact]
    public Task A_picture_in_a_folder_that_is_not_there_cannot_be_written() => Refusal.CheckInAsync(run.Folder, "plot --dir checkpoints --out nowhere/progress.png");

    [Fact]
    public Task A_picture_where_a_folder_is_cannot_be_written()
    {
        Directory.CreateDirectory(Path.Combine(run.Folder, "folder.png"));
        return Refusal.CheckInAsync(run.Folder, "plot --dir checkpoints --out folder.png");
    }

    [Fact]
    public Task Without_a_checkpoint_there_is_nothing_to_plot()
    {
        Directory.CreateDirectory(Path.Combine(run.Folder, "empty"));
        return Refusal.CheckInAsync(run.Folder, "plot --dir empty");
    }

    /// <summary>The guide's: the mean over the models of total_reward / max(1, episode_count).</summary>
    private static double Average(string checkpoint) => RunDirectory.Metadata(checkpoint)["model_states"]!.AsObject()
        .Average(model => (double)model.Value!["total_reward"]! / Math.Max(1, (long)model.Value["episode_count"]!));

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}

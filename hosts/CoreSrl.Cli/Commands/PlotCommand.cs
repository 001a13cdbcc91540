using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Analysis;
using CoreSrl.Cli.Display;
using CoreSrl.Cli.Display.Charts;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl plot</c>: how a metric went through the checkpoints, as a picture or as a few characters.</summary>
internal static class PlotCommand
{
    private const int SparklineWidth = 40;

    public static Command Create()
    {
        var command = new Command("plot", "Show how a metric went through the checkpoints.");
        var configuration = new ConfigurationArguments(command, positional: true);
        var target = new Option<string?>("--out") { Description = "A .png or .svg file to draw; without one, a line of text for each model." };
        var metric = new Option<string>("--metric")
        {
            Description = $"A metric, as 'srl show' lists them (default {RunProgress.DefaultMetric}).",
            DefaultValueFactory = _ => RunProgress.DefaultMetric,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(target);
        command.Options.Add(metric);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var picture = parsed.GetValue(target) is { } path ? PictureFile.At(path) : null;
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            foreach (var damaged in directory.Manager.Damaged)
                await Console.Error.WriteLineAsync($"srl: {damaged.Message}");
            var checkpoints = directory.Manager.Checkpoints;
            if (checkpoints.Count == 0)
                throw new ConfigurationException($"{directory.Manager.Location} holds no checkpoint, so there is nothing to plot.");
            var progress = RunProgress.Of(checkpoints, parsed.GetValue(metric)!);
            var others = checkpoints.Count(saved => saved.RunId != progress.RunId);
            if (others > 0)
                await Console.Error.WriteLineAsync($"srl: {others} checkpoints of other runs are left out; shown is the newest run, {progress.RunId}.");

            if (picture is not null)
            {
                var record = await directory.Manager.DescribeAsync(checkpoints[0].Id, cancellationToken);
                picture.Write(progress, (string?)record.Document["run_name"] ?? progress.RunId);
            }

            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(Describe(progress)));
            else if (picture is not null)
                Console.WriteLine($"Wrote {picture.Path}");
            else
                Show(progress);
            return directory.Manager.Damaged.Count > 0 ? ExitCode.Damaged : ExitCode.Done;
        });
        return command;
    }

    private static void Show(RunProgress progress)
    {
        var values = progress.Curves.SelectMany(curve => curve.Points).Select(point => point.Value).ToList();
        var (low, high) = (values.Min(), values.Max());
        var columns = new Columns(progress.Metric, ">First", ">Last", ">Lowest", ">Highest", $"From {low:0.###} (▁) to {high:0.###} (█)");
        foreach (var curve in progress.Curves)
        {
            var points = curve.Points.Select(point => point.Value).ToList();
            columns.Add(
                curve.Name ?? (progress.Curves.Count > 1 ? "all models" : "the run"), $"{points[0]:F3}", $"{points[^1]:F3}", $"{points.Min():F3}", $"{points.Max():F3}",
                Sparkline.Draw(Sparkline.Means(points, SparklineWidth), low, high));
        }

        columns.Write(Console.Out);
        var episodes = progress.Curves.SelectMany(curve => curve.Points).Select(point => point.Checkpoint.Episode).Distinct().ToList();
        Console.WriteLine(episodes.Count == 1 ? $"One checkpoint, of episode {episodes[0]}." : $"{episodes.Count} checkpoints, of episodes {episodes.Min()} to {episodes.Max()}.");
        if (progress.Best is { } best)
            Console.WriteLine($"Best: {best.Id}");
        if (progress.Final is { } final)
            Console.WriteLine($"Final: {final.Id}");
    }

    private static JsonObject Describe(RunProgress progress) => new()
    {
        ["run_id"] = progress.RunId,
        ["metric"] = progress.Metric,
        ["best"] = progress.Best?.Id,
        ["final"] = progress.Final?.Id,
        ["curves"] = new JsonArray([.. progress.Curves.Select(curve => (JsonNode)new JsonObject
        {
            ["model"] = curve.Name,
            ["points"] = new JsonArray([.. curve.Points.Select(point => (JsonNode)new JsonObject
            {
                ["id"] = point.Checkpoint.Id,
                ["episode"] = point.Checkpoint.Episode,
                ["value"] = point.Value,
            })]),
        })]),
    };
}

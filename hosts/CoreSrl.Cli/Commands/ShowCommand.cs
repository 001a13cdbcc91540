using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using Spectre.Console;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl show ID</c>: what one checkpoint holds.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var command = new Command("show", "Show what a checkpoint holds.");
        var id = new Argument<string>("id") { Description = $"Which checkpoint: {CheckpointIds.Choices}." };
        command.Arguments.Add(id);
        var configuration = new ConfigurationArguments(command, positional: false);
        id.CompleteFrom(configuration);
        var json = new Option<bool>("--json") { Description = "Print its metadata.json." };
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            var record = await directory.Manager.DescribeAsync(directory.Manager.IdOf(parsed.GetValue(id)!), cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(record.Document));
            else
                Show(record, directory.Manager.LocationsOf(record.Saved.Id));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(CheckpointRecord record, IReadOnlyList<string> locations)
    {
        var console = Terminal.Output;
        var saved = record.Saved;
        var facts = new Grid().AddColumns(2);
        Fact("Checkpoint", saved.Id + (saved.Final ? "  (final)" : ""));
        Fact("Where", string.Join('\n', locations.Select(location => $"{location.TrimEnd('/')}/{saved.Id}")));
        Fact("Episode", $"{saved.Episode}");
        Fact("Taken", $"{saved.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, because {record.Document["reason"]}");
        Fact("Run", saved.RunId);
        Fact("After", $"{record.Document["parent"]?.ToString() ?? "nothing: it is the first"}");
        if (saved.Tags.Length > 0)
            Fact("Tags", string.Join(", ", saved.Tags));
        Fact("Files", $"{record.Files.Count}, {Terminal.Bytes(saved.SizeBytes)}, and {record.BaseWeights.Count} shared base weights");
        console.Write(facts);

        var models = new Table().Border(TableBorder.Simple).AddColumns("Model", "Reward", "Episodes", "Won", "Updates", "Cooperation");
        for (var column = 1; column < models.Columns.Count; column++)
            models.Columns[column].RightAligned();
        foreach (var (id, state) in record.Document["model_states"]!.AsObject())
        {
            models.AddRow(
                Markup.Escape(id), $"{Number(state, "average_reward"):F3}", $"{state!["episode_count"]}", $"{state["win_count"]}", $"{state["update_count"]}",
                state["cooperation_score"] is { } score ? $"{(double)score:F3}" : "–");
        }

        console.Write(models);
        var metrics = new Table().Border(TableBorder.Simple).AddColumns("Metric", "Value");
        metrics.Columns[1].RightAligned();
        foreach (var (name, value) in record.Document["global_metrics"]!.AsObject())
            metrics.AddRow(Markup.Escape(name), Markup.Escape(value is JsonValue number && number.TryGetValue<double>(out var real) ? $"{real:0.######}" : value?.ToJsonString() ?? "–"));
        console.Write(metrics);
        foreach (var warning in record.Document["warnings"] as JsonArray ?? [])
            console.MarkupLineInterpolated($"Warning: {warning?.ToString()}");

        void Fact(string name, string value) => facts.AddRow(new Text(name), new Text(value));
    }

    private static double Number(JsonNode? state, string key) => (double?)state?[key] ?? 0;
}

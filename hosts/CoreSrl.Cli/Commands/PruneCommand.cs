using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl prune</c>: removes the checkpoints of a run that no rule keeps.</summary>
internal static class PruneCommand
{
    private static readonly Option<int?> Last = new("--keep-last") { Description = "Keep the newest N." };
    private static readonly Option<int?> Best = new("--keep-best") { Description = "Keep the best N by --metric." };
    private static readonly Option<string> Metric = new("--metric") { Description = "What --keep-best goes by: one of the checkpoints' metrics.", DefaultValueFactory = _ => "avg_reward" };
    private static readonly Option<MetricMode> Mode = new("--mode") { Description = "Whether a larger (max) or a smaller (min) metric is better.", DefaultValueFactory = _ => MetricMode.Max };
    private static readonly Option<string?> OlderThan = new("--older-than") { Description = "Keep what is younger than this, counted back from the newest: 30d, 12h, 90m.", HelpName = "age" };
    private static readonly Option<string?> Run = new("--run") { Description = "The run whose checkpoints may go, by its id; without it that of the newest checkpoint." };
    private static readonly Option<bool> IncludeFinal = new("--include-final") { Description = "Let final checkpoints go like any other; without it they stay." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say what would go." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document." };

    public static Command Create()
    {
        var command = new Command("prune", "Remove the checkpoints that no given rule keeps; the newest one, other runs' and final ones stay.");
        var configuration = new ConfigurationArguments(command, positional: true);
        foreach (var option in (Option[])[Last, Best, Metric, Mode, OlderThan, Run, IncludeFinal, DryRun, Json])
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => PruneAsync(configuration.LoadExisting(parsed), parsed, cancellationToken));
        return command;
    }

    private static async Task<int> PruneAsync(MultiModelConfig config, ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new PruneOptions
        {
            Keep = Rules(parsed),
            RunId = parsed.GetValue(Run),
            IncludeFinal = parsed.GetValue(IncludeFinal),
            DryRun = parsed.GetValue(DryRun),
        };
        await using var looking = await ProgressBar.WaitAsync("Reading the checkpoint directory", CheckpointDirectory.OpenAsync(config, cancellationToken: cancellationToken));
        var report = await looking.Manager.PruneAsync(options with { DryRun = true }, cancellationToken);
        if (!options.DryRun && report.Removed.Count > 0)
        {
            await using var directory = await CheckpointDirectory.OpenToWriteAsync(config, cancellationToken: cancellationToken);
            report = await ProgressBar.WaitAsync("Removing", directory.Manager.PruneAsync(options, cancellationToken));
        }

        if (parsed.GetValue(Json))
            Console.WriteLine(JsonText.Write(Describe(report, options.DryRun)));
        else
            Say(report, options.DryRun, looking.Manager.Location);
        return ExitCode.Done;
    }

    private static List<ICheckpointPolicy> Rules(ParseResult parsed)
    {
        var rules = new List<ICheckpointPolicy>();
        if (parsed.GetValue(Last) is { } last)
            rules.Add(new KeepLastPolicy(new() { Count = AtLeastOne("--keep-last", last) }));
        if (parsed.GetValue(Best) is { } best)
            rules.Add(new KeepBestPolicy(new() { Count = AtLeastOne("--keep-best", best), Metric = parsed.GetValue(Metric), Mode = parsed.GetValue(Mode) }));
        if (parsed.GetValue(OlderThan) is { } age)
            rules.Add(new KeepYoungerPolicy(new() { Age = ParseAge(age) }));
        return rules.Count > 0 ? rules : throw new ConfigurationException("Say what to keep: --keep-last N, --keep-best N, --older-than AGE, or several of them; a checkpoint goes when none of them keeps it.");
    }

    private static int AtLeastOne(string option, int count) =>
        count >= 1 ? count : throw new ConfigurationException($"{option} {count}: at least 1 is required.");

    /// <summary>An age as people write it: a number and <c>d</c>, <c>h</c> or <c>m</c>.</summary>
    private static TimeSpan ParseAge(string age)
    {
        var unit = age.Length == 0 ? 0 : age[^1] switch { 'd' => 24 * 60, 'h' => 60, 'm' => 1, _ => 0 };
        return unit > 0 && double.TryParse(age[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit is > 0 and < 36500 * 24 * 60
            ? TimeSpan.FromMinutes(number * unit)
            : throw new ConfigurationException($"--older-than {age}: not an age. Examples: 30d (days), 12h (hours), 90m (minutes).");
    }

    private static void Say(PruneReport report, bool dryRun, string location)
    {
        foreach (var saved in report.Removed)
            Console.WriteLine($"{(dryRun ? "would go" : "removed ")}  {saved.Id}  {Terminal.Bytes(saved.SizeBytes)}");
        var bases = report.BaseWeightsRemoved.Count == 0 ? "" : $" and {report.BaseWeightsRemoved.Count} shared base weights that nothing refers to any more";
        Console.WriteLine((report.Removed.Count, report.Left) is (0, 0) ? $"{location} holds no checkpoint."
            : report.Removed.Count == 0 ? $"{location}: nothing of run '{report.RunId}' is to go; it has {report.Left} checkpoints."
            : $"{location}: {report.Removed.Count} of run '{report.RunId}'{bases} {(dryRun ? "would go, which would free" : "removed, which frees")} {Terminal.Bytes(report.BytesFreed)}; {report.Left} left.");
    }

    private static JsonObject Describe(PruneReport report, bool dryRun) => new()
    {
        ["run_id"] = (report.Removed.Count, report.Left) is (0, 0) ? null : report.RunId, // Where there is nothing, there is no run.
        ["dry_run"] = dryRun,
        ["removed"] = new JsonArray([.. report.Removed.Select(saved => (JsonNode)new JsonObject { ["id"] = saved.Id, ["size_bytes"] = saved.SizeBytes })]),
        ["base_weights_removed"] = JsonSerializer.SerializeToNode(report.BaseWeightsRemoved),
        ["bytes_freed"] = report.BytesFreed,
        ["left"] = report.Left,
    };
}

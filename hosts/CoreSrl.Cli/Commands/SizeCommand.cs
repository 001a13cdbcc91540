using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl size</c>: how much space the checkpoints take, and what pruning would free.</summary>
internal static class SizeCommand
{
    public static Command Create()
    {
        var command = new Command("size", "Show how much space the checkpoints take, and what pruning would free.");
        var configuration = new ConfigurationArguments(command, positional: true);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var config = configuration.LoadExisting(parsed);
            // A policy that fails keeps everything, which somebody who looks for space wants to know.
            await using var display = new QuietDisplay(config);
            using var loggers = new DisplayLoggerFactory(display);
            await using var directory = await ProgressBar.WaitAsync("Reading the checkpoint directory", CheckpointDirectory.OpenWithPoliciesAsync(config, new() { Loggers = loggers }, cancellationToken));
            foreach (var damaged in directory.Manager.Damaged)
                await Console.Error.WriteLineAsync($"srl: {damaged.Message}");
            var usage = await directory.Manager.MeasureAsync(cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(Describe(usage, [.. usage.Prunable])));
            else
                Show(usage, directory.Manager.Location);
            return directory.Manager.Damaged.Count > 0 ? ExitCode.Damaged : ExitCode.Done;
        });
        return command;
    }

    private static void Show(StorageUsage usage, string location)
    {
        var prunable = usage.Prunable.ToHashSet();
        var columns = new Columns("Checkpoint", ">Episode", ">Size", "");
        foreach (var (checkpoint, bytes) in usage.Checkpoints)
            columns.Add(checkpoint.Id, $"{checkpoint.Episode}", Terminal.Bytes(bytes), prunable.Contains(checkpoint.Id) ? "can go" : "");
        if (usage.Checkpoints.Count > 0)
            columns.Write(Console.Out);
        else
            Console.WriteLine($"{location} holds no checkpoint.");
        Console.WriteLine();
        var sums = new Columns("Space", ">Size", "");
        sums.Add("checkpoints", Terminal.Bytes(usage.CheckpointBytes), $"{usage.Checkpoints.Count}");
        sums.Add("base weights", Terminal.Bytes(usage.BaseWeightBytes), $"{usage.BaseWeights.Count}, shared by the checkpoints");
        sums.Add("other files", Terminal.Bytes(usage.OtherBytes), "");
        sums.Add("in all", Terminal.Bytes(usage.TotalBytes), "");
        sums.Add("pruning frees", Terminal.Bytes(usage.PrunableBytes), usage.Prunable.Count == 0 ? "the policies keep every checkpoint" : $"{usage.Prunable.Count} that no policy keeps");
        sums.Write(Console.Out);
    }

    private static JsonObject Describe(StorageUsage usage, HashSet<string> prunable) => new()
    {
        ["checkpoints"] = new JsonArray([.. usage.Checkpoints.Select(entry => (JsonNode)new JsonObject
        {
            ["id"] = entry.Checkpoint.Id,
            ["episode"] = entry.Checkpoint.Episode,
            ["size_bytes"] = entry.Bytes,
            ["prunable"] = prunable.Contains(entry.Checkpoint.Id),
        })]),
        ["base_weights"] = JsonSerializer.SerializeToNode(usage.BaseWeights),
        ["checkpoint_bytes"] = usage.CheckpointBytes,
        ["base_weight_bytes"] = usage.BaseWeightBytes,
        ["other_bytes"] = usage.OtherBytes,
        ["total_bytes"] = usage.TotalBytes,
        ["prunable_bytes"] = usage.PrunableBytes,
    };
}

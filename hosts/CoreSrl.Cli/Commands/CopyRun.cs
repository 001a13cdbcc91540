using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary>Copies the chosen checkpoints from one directory to another and tells what became of each: a backup or the way back.</summary>
internal static class CopyRun
{
    public static async Task<int> RunAsync(
        string what, CheckpointManager source, ICheckpointStorage destination, CheckpointArguments choice, ParseResult parsed, Option<bool> json, Interruption interruption)
    {
        if (source.Location == destination.Location)
            throw new ConfigurationException($"{source.Location} cannot be copied to itself; name another place.");
        var ids = choice.Of(parsed, source);
        CopyReport report;
        try
        {
            report = await ProgressBar.ShowAsync(what, progress => source.CopyToAsync(destination, ids, progress, interruption.Token));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"srl: Interrupted. What is listed in {destination.Location} is whole; the same command goes on with the rest.");
            return ExitCode.Interrupted;
        }

        // Of a checkpoint whose metadata is damaged nobody can say whether it was meant, unless it was named.
        IReadOnlyList<DamagedCheckpointException> damaged = choice.IsById(parsed) ? report.Damaged : [.. report.Damaged, .. source.Damaged];
        foreach (var damage in damaged)
            await Console.Error.WriteLineAsync($"srl: {damage.Message} It was not copied.");
        if (parsed.GetValue(json))
            Console.WriteLine(JsonText.Write(Describe(report, damaged, destination.Location)));
        else
            Say(report, damaged.Count, destination.Location);
        return damaged.Count > 0 ? ExitCode.Damaged : ExitCode.Done;
    }

    private static void Say(CopyReport report, int damaged, string location)
    {
        foreach (var id in report.Removed)
            Console.WriteLine($"passed over  {id}: its run removed it meanwhile");
        foreach (var id in report.Copied)
            Console.WriteLine($"copied       {id}");
        foreach (var id in report.Repaired)
            Console.WriteLine($"repaired     {id}: the copy there was damaged");
        List<string> counts = [$"copied {report.Copied.Count}", $"already there {report.AlreadyThere.Count}"];
        Add("repaired", report.Repaired.Count);
        Add("passed over", report.Removed.Count);
        Add("damaged", damaged);
        Console.WriteLine($"{location}: {string.Join(", ", counts)}; {Terminal.Bytes(report.BytesCopied)} written, every byte verified.");

        void Add(string name, int count)
        {
            if (count > 0)
                counts.Add($"{name} {count}");
        }
    }

    private static JsonObject Describe(CopyReport report, IReadOnlyList<DamagedCheckpointException> damaged, string location) => new()
    {
        ["destination"] = location,
        ["copied"] = JsonSerializer.SerializeToNode(report.Copied),
        ["repaired"] = JsonSerializer.SerializeToNode(report.Repaired),
        ["already_there"] = JsonSerializer.SerializeToNode(report.AlreadyThere),
        ["removed_meanwhile"] = JsonSerializer.SerializeToNode(report.Removed),
        ["damaged"] = new JsonArray([.. damaged.Select(damage => (JsonNode)new JsonObject { ["id"] = damage.CheckpointId, ["problem"] = $"{damage.File} {damage.Problem}" })]),
        ["bytes_copied"] = report.BytesCopied,
    };
}

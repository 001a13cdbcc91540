using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Cli.Display;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl list</c>: the checkpoints of a directory, newest first.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the checkpoints of a directory, newest first.");
        var configuration = new ConfigurationArguments(command, positional: true);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            foreach (var damaged in directory.Manager.Damaged)
                await Console.Error.WriteLineAsync($"srl: {damaged.Message}");
            var saved = directory.Manager.Checkpoints;
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonArray([.. saved.Select(Describe)])));
            else
                Show(saved, directory.Manager.Location);
            if (!parsed.GetValue(json) && directory.Manager.NotYetDurable is [_, ..] waiting)
                Console.WriteLine($"In the fast tier alone until training goes on: {string.Join(", ", waiting.Select(one => one.Id))}");
            return directory.Manager.Damaged.Count > 0 ? ExitCode.Damaged : ExitCode.Done;
        });
        return command;
    }

    private static JsonNode Describe(SavedCheckpoint saved) => new JsonObject
    {
        ["id"] = saved.Id,
        ["episode"] = saved.Episode,
        ["timestamp"] = saved.Timestamp,
        ["final"] = saved.Final,
        ["tags"] = JsonSerializer.SerializeToNode(saved.Tags),
        ["size_bytes"] = saved.SizeBytes,
        ["metrics"] = JsonSerializer.SerializeToNode(saved.Metrics),
    };

    private static void Show(IReadOnlyList<SavedCheckpoint> checkpoints, string location)
    {
        if (checkpoints.Count == 0)
        {
            Console.WriteLine($"{location} holds no checkpoint.");
            return;
        }

        var columns = new Columns("Checkpoint", ">Episode", "Taken (UTC)", ">Reward", ">Size", "Tags");
        foreach (var saved in checkpoints)
        {
            columns.Add(
                saved.Id,
                $"{saved.Episode}",
                $"{saved.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm:ss}",
                saved.Metrics.TryGetValue("avg_reward", out var reward) ? $"{reward:F3}" : "",
                Terminal.Bytes(saved.SizeBytes),
                string.Join(", ", saved.Final ? ["final", .. saved.Tags] : saved.Tags));
        }

        columns.Write(Console.Out);
    }
}

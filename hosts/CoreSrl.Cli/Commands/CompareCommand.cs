using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Analysis;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl compare [ID…]</c>: how each model did, checkpoint by checkpoint.</summary>
internal static class CompareCommand
{
    private const int ByDefault = 10;

    public static Command Create()
    {
        var command = new Command("compare", "Compare how each model did, checkpoint by checkpoint.");
        var ids = new Argument<string[]>("id") { Description = $"Checkpoints in the order to compare them, each latest, best, final, episode:150 or an id; without any, the newest {ByDefault}, oldest first.", Arity = ArgumentArity.ZeroOrMore };
        var last = new Option<int?>("--last") { Description = $"Compare so many of the newest checkpoints (default {ByDefault})." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Arguments.Add(ids);
        command.Options.Add(last);
        command.Options.Add(json);
        var configuration = new ConfigurationArguments(command, positional: false);
        ids.CompleteFrom(configuration);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var named = parsed.GetValue(ids) ?? [];
            if (parsed.GetValue(last) is { } count && (count < 1 || named.Length > 0))
                throw new ConfigurationException(count < 1 ? $"--last {count}: compare at least 1 checkpoint." : $"--last and the checkpoint '{named[0]}' do not go together: name checkpoints, or say how many of the newest.");
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            foreach (var damaged in directory.Manager.Damaged)
                await Console.Error.WriteLineAsync($"srl: {damaged.Message}");
            var all = directory.Manager.Checkpoints;
            var chosen = named.Length > 0 ? named.Select(directory.Manager.IdOf).Distinct() : all.Take(parsed.GetValue(last) ?? ByDefault).Reverse().Select(saved => saved.Id);
            var comparison = await ProgressBar.WaitAsync("Reading the checkpoints", CheckpointComparison.ReadAsync(directory.Manager, chosen, cancellationToken));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Write(Describe(comparison)));
            }
            else
            {
                if (named.Length == 0 && comparison.Checkpoints.Count < all.Count)
                    Console.WriteLine($"The newest {comparison.Checkpoints.Count} of {all.Count} checkpoints, oldest first; --last {all.Count} compares all.");
                Show(comparison, directory.Manager.Location);
            }

            return directory.Manager.Damaged.Count > 0 ? ExitCode.Damaged : ExitCode.Done;
        });
        return command;
    }

    private static void Show(CheckpointComparison comparison, string location)
    {
        if (comparison.Checkpoints.Count == 0)
        {
            Console.WriteLine($"{location} holds no checkpoint.");
            return;
        }

        foreach (var model in comparison.Models)
        {
            Console.WriteLine();
            Console.WriteLine(model);
            var columns = new Columns("Checkpoint", ">Episode", ">Reward", ">Change", ">Won", ">Updates", ">Cooperation");
            foreach (var (checkpoint, performance, change) in comparison.Of(model))
            {
                columns.Add(
                    checkpoint.Saved.Id, $"{checkpoint.Saved.Episode}", Text(performance.AverageReward, "F3"), Text(change, "+0.000;-0.000;0.000"),
                    Text(performance.WinRate, "P1"), performance.UpdateCount?.ToString() ?? "–", Text(performance.CooperationScore, "F3"));
            }

            columns.Write(Console.Out);
        }

        if (comparison.Models.Count < 2)
            return;
        Console.WriteLine();
        Console.WriteLine("All models");
        var means = new Columns("Checkpoint", ">Episode", ">Reward", ">Change", "Tags");
        foreach (var (checkpoint, change) in comparison.OfAllModels())
        {
            var saved = checkpoint.Saved;
            means.Add(
                saved.Id, $"{saved.Episode}", Text(checkpoint.AverageReward, "F3"), Text(change, "+0.000;-0.000;0.000"),
                string.Join(", ", saved.Final ? ["final", .. saved.Tags] : saved.Tags));
        }

        means.Write(Console.Out);
    }

    private static string Text(double? value, string format) => value?.ToString(format) ?? "–";

    private static JsonArray Describe(CheckpointComparison comparison)
    {
        var changes = comparison.Models.SelectMany(model => comparison.Of(model)).ToDictionary(entry => (entry.Checkpoint, entry.Model), entry => entry.Change);
        return new([.. comparison.OfAllModels().Select(entry => (JsonNode)new JsonObject
        {
            ["id"] = entry.Checkpoint.Saved.Id,
            ["episode"] = entry.Checkpoint.Saved.Episode,
            ["timestamp"] = entry.Checkpoint.Saved.Timestamp,
            ["final"] = entry.Checkpoint.Saved.Final,
            ["tags"] = JsonSerializer.SerializeToNode(entry.Checkpoint.Saved.Tags),
            ["avg_reward"] = entry.Checkpoint.AverageReward,
            ["change"] = entry.Change,
            ["models"] = new JsonObject(entry.Checkpoint.Models.Select(model => KeyValuePair.Create(model.ModelId, (JsonNode?)new JsonObject
            {
                ["avg_reward"] = model.AverageReward,
                ["change"] = changes[(entry.Checkpoint, model)],
                ["win_rate"] = model.WinRate,
                ["update_count"] = model.UpdateCount,
                ["cooperation_score"] = model.CooperationScore,
            }))),
        })]);
    }
}

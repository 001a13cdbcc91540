using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl verify</c>: reads checkpoints to their last byte and compares them with what was written.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var command = new Command("verify", "Read checkpoints to their last byte and compare them with what was written.");
        var id = new Argument<string?>("id") { Description = $"Which checkpoint: {CheckpointIds.Choices}; without one, all are verified.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Verify every checkpoint of the directory." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Arguments.Add(id);
        command.Options.Add(all);
        command.Options.Add(json);
        var configuration = new ConfigurationArguments(command, positional: false);
        id.CompleteFrom(configuration);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(all) && parsed.GetValue(id) is { } both)
                throw new ConfigurationException($"--all and the checkpoint '{both}' do not go together: name one, or verify all.");
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            Action<CheckpointVerdict> say = parsed.GetValue(json) ? _ => { } : verdict => Say(directory.Manager, verdict);
            var verdicts = await VerifyAsync(directory.Manager, parsed.GetValue(id), say, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonArray([.. verdicts.Select(Describe)])));
            else
                Summarize(verdicts, directory.Manager.Location);
            return verdicts.TrueForAll(verdict => verdict.IsWhole) ? ExitCode.Done : ExitCode.Damaged;
        });
        return command;
    }

    /// <summary>Verifies, and says of each checkpoint what was found: at once, or, where a bar is in the way, when it is gone.</summary>
    private static async Task<List<CheckpointVerdict>> VerifyAsync(CheckpointManager manager, string? choice, Action<CheckpointVerdict> say, CancellationToken cancellationToken)
    {
        var verdicts = new List<CheckpointVerdict>();
        var isShown = await ProgressBar.ShowAsync("Verifying", async progress =>
        {
            await foreach (var verdict in choice is null ? manager.VerifyAllAsync(progress, cancellationToken) : OneAsync(manager, choice, progress, cancellationToken))
            {
                verdicts.Add(verdict);
                if (progress is null)
                    say(verdict);
            }

            return progress is not null;
        });
        if (isShown)
            verdicts.ForEach(say);
        return verdicts;
    }

    private static async IAsyncEnumerable<CheckpointVerdict> OneAsync(
        CheckpointManager manager, string choice, IProgress<CheckpointProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await manager.VerifyAsync(manager.IdOf(choice), progress, cancellationToken);
    }

    private static void Say(CheckpointManager manager, CheckpointVerdict verdict)
    {
        if (verdict.IsWhole)
        {
            Console.WriteLine($"ok       {verdict.Id}  {Terminal.Bytes(manager.Find(verdict.Id).SizeBytes)}");
            return;
        }

        Console.WriteLine($"damaged  {verdict.Id}");
        foreach (var problem in verdict.Problems)
            Console.WriteLine($"         {problem.File} {problem.Problem}");
    }

    private static void Summarize(List<CheckpointVerdict> verdicts, string location)
    {
        var damaged = verdicts.Count(verdict => !verdict.IsWhole);
        Console.WriteLine((verdicts.Count, damaged) switch
        {
            (0, _) => $"{location} holds no checkpoint.",
            (_, 0) => $"{verdicts.Count} verified, {(verdicts.Count == 1 ? "whole" : "all whole")}.",
            _ when damaged == verdicts.Count => $"{verdicts.Count} verified, {(damaged == 1 ? "damaged" : "all damaged")}.",
            _ => $"{verdicts.Count} verified, {damaged} damaged; the newest whole one is {verdicts.First(verdict => verdict.IsWhole).Id}.",
        });
    }

    private static JsonNode Describe(CheckpointVerdict verdict) => new JsonObject
    {
        ["id"] = verdict.Id,
        ["ok"] = verdict.IsWhole,
        ["problems"] = new JsonArray([.. verdict.Problems.Select(problem => (JsonNode)$"{problem.File} {problem.Problem}")]),
    };
}

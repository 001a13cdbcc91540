using System.CommandLine;
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
        var id = new Argument<string?>("id") { Description = "The checkpoint's id; without one, all are verified.", Arity = ArgumentArity.ZeroOrOne };
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
            await using var directory = await CheckpointDirectory.OpenAsync(configuration.LoadExisting(parsed), cancellationToken: cancellationToken);
            var verdicts = new List<CheckpointVerdict>();
            await foreach (var verdict in VerifyAsync(directory.Manager, parsed.GetValue(id), cancellationToken))
            {
                verdicts.Add(verdict);
                if (!parsed.GetValue(json))
                    Say(directory.Manager, verdict);
            }

            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonArray([.. verdicts.Select(Describe)])));
            else
                Summarize(verdicts, directory.Manager.Location);
            return verdicts.TrueForAll(verdict => verdict.IsWhole) ? ExitCode.Done : ExitCode.Damaged;
        });
        return command;
    }

    private static IAsyncEnumerable<CheckpointVerdict> VerifyAsync(CheckpointManager manager, string? id, CancellationToken cancellationToken) =>
        id is null ? manager.VerifyAllAsync(cancellationToken) : OneAsync(manager, id, cancellationToken);

    private static async IAsyncEnumerable<CheckpointVerdict> OneAsync(
        CheckpointManager manager, string id, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await manager.VerifyAsync(id, cancellationToken);
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

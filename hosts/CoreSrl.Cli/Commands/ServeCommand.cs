using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Server;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl serve</c>: answers programs that speak OpenAI's protocol with the models of a checkpoint.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Serve the models of a checkpoint to programs that speak OpenAI's protocol.");
        var id = new Argument<string>("id") { Description = $"Which checkpoint: {CheckpointIds.Choices}." };
        var models = new Option<string[]>("--model") { Description = "Serve this model, by its id as 'srl show' shows it; can be repeated. Without it, all that can converse." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document once it serves: address, checkpoint and models." };
        command.Arguments.Add(id);
        command.Options.Add(models);
        var listening = new ListeningArguments(command);
        command.Options.Add(json);
        var configuration = new ConfigurationArguments(command, positional: true);
        id.CompleteFrom(configuration);
        command.SetAction(async (parsed, _) =>
        {
            using var interruption = new Interruption();
            var options = listening.Read(parsed);
            await using var directory = await configuration.OpenAsync(parsed, interruption.Token);
            var record = await directory.Manager.DescribeAsync(directory.Manager.IdOf(parsed.GetValue(id)!), interruption.Token);
            // What a checkpoint records of its run is enough, and never another run's.
            var config = configuration.IsNamed(parsed) ? configuration.Load(parsed) : RestoredModels.ConfigurationOf(record, configuration.SettingsOf(parsed));
            await using var restored = await ProgressBar.WaitAsync("Loading the models", RestoreAsync(directory.Manager, record, config, parsed.GetValue(models) ?? [], interruption.Token));
            await using var server = await StartAsync(Served(restored, record, areNamed: parsed.GetValue(models) is { Length: > 0 }), options, interruption.Token);
            Tell(server, record, parsed.GetValue(json));
            await Task.Delay(Timeout.Infinite, interruption.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<RestoredModels> RestoreAsync(CheckpointManager manager, CheckpointRecord record, MultiModelConfig config, string[] named, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ids = named.Length > 0 ? [.. named.Distinct()] : record.ModelIds;
        return ids.Count > 0
            ? RestoredModels.OpenAsync(manager, record.Saved.Id, config, ids, cancellationToken: cancellationToken)
            : throw new KeyNotFoundException($"Checkpoint '{record.Saved.Id}' holds no models of a run.");
    }

    private static async Task<ChatServer> StartAsync(List<ServedModel> models, ChatServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ChatServer.StartAsync(models, options, problem => Console.Error.WriteLine($"srl: {Terminal.Printable(problem)}"), cancellationToken: cancellationToken);
        }
        catch (IOException e)
        {
            throw new IOException($"{e.Message.TrimEnd('.')}. Choose another --port or --host.", e);
        }
    }

    private static List<ServedModel> Served(RestoredModels restored, CheckpointRecord record, bool areNamed)
    {
        if (restored.Models.Where(model => model.Model is not IChatModel).Select(model => model.Id).ToList() is { Count: > 0 } mute)
        {
            var problem = $"{string.Join(", ", mute)} cannot converse: the backend makes players alone.";
            if (areNamed || mute.Count == restored.Models.Count)
                throw new ConfigurationException($"--model: {problem}");
            Console.Error.WriteLine($"srl: {problem} Serving the others.");
        }

        return [.. restored.Models.Where(model => model.Model is IChatModel).Select(model => new ServedModel(model.Id, (IChatModel)model.Model, record.Saved.Timestamp, record.Saved.Id))];
    }

    private static void Tell(ChatServer server, CheckpointRecord record, bool json)
    {
        var address = $"{server.Address.ToString().TrimEnd('/')}/v1";
        Console.WriteLine(json
            ? JsonText.Write(new JsonObject
            {
                ["address"] = address,
                ["checkpoint"] = record.Saved.Id,
                ["models"] = new JsonArray([.. server.ModelIds.Select(id => (JsonNode)id)]),
            })
            : $"Serving {string.Join(", ", server.ModelIds)} of checkpoint {record.Saved.Id} at {address} (Ctrl-C ends it)");
    }
}

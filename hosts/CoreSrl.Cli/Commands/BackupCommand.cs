using System.CommandLine;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl backup</c>: copies checkpoints to another place, from which one can train as well.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var command = new Command("backup", "Copy checkpoints to another place, every byte verified; only what is missing there is copied.");
        var choice = new CheckpointArguments(command);
        var to = new Option<string>("--to")
        {
            Description = "Where to: a folder; or FILE.json, a configuration whose Checkpoints section says the storage; or NAME://…, a URL of the storage plugin NAME.",
            HelpName = "place",
            Required = true,
        };
        command.Options.Add(to);
        var configuration = new ConfigurationArguments(command, positional: false);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(json);
        choice.Ids.CompleteFrom(configuration);
        command.SetAction(async parsed =>
        {
            using var interruption = new Interruption();
            var config = configuration.LoadExisting(parsed);
            await using var source = await ProgressBar.WaitAsync("Reading the checkpoint directory", CheckpointDirectory.OpenAsync(config, cancellationToken: interruption.Token));
            await using var destination = OpenedStorage.At(parsed.GetValue(to)!, config);
            return await CopyRun.RunAsync("Backing up", source.Manager, destination.Storage, choice, parsed, json, interruption);
        });
        return command;
    }
}

using System.CommandLine;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl restore</c>: brings checkpoints back from where they were backed up to.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var command = new Command("restore", "Bring checkpoints back from a backup into the checkpoint directory, every byte verified.");
        var choice = new CheckpointArguments(command);
        var from = new Option<string>("--from")
        {
            Description = "Where they are: whatever 'srl backup --to' takes.",
            HelpName = "place",
            Required = true,
        };
        command.Options.Add(from);
        var configuration = new ConfigurationArguments(command, positional: false);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(json);
        choice.Ids.CompleteFrom(parsed => CheckpointDirectory.OpenAtAsync(parsed.GetValue(from)!, configuration.Load(parsed)));
        command.SetAction(async parsed =>
        {
            using var interruption = new Interruption();
            var config = configuration.Load(parsed);
            await using var backup = await ProgressBar.WaitAsync("Reading the backup", CheckpointDirectory.OpenAtAsync(parsed.GetValue(from)!, config, cancellationToken: interruption.Token));
            await using var destination = OpenedStorage.Of(config);
            return await CopyRun.RunAsync("Restoring", backup.Manager, destination.Storage, choice, parsed, json, interruption);
        });
        return command;
    }
}

using System.CommandLine;
using CoreSrl.Checkpoints;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl export</c>: writes a model of a checkpoint for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new Command("export", "Write a model of a checkpoint for other programs.");
        var id = new Argument<string>("id") { Description = "The checkpoint's id, as 'srl list' shows it." };
        var model = new Option<string>("--model") { Description = "The model's id, as 'srl show' shows it.", Required = true };
        var format = new Option<ExportFormat>("--format") { Description = "peft (the adapter, as a folder), safetensors or pt (all weights, as a file).", Required = true };
        var target = new Option<string>("--out") { Description = "The folder to write to; made if it is not there.", Required = true };
        command.Arguments.Add(id);
        command.Options.Add(model);
        command.Options.Add(format);
        command.Options.Add(target);
        var configuration = new ConfigurationArguments(command, positional: false);
        id.CompleteFrom(configuration);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var directory = await CheckpointDirectory.OpenAsync(configuration.LoadExisting(parsed), cancellationToken: cancellationToken);
            var written = await directory.Manager.ExportAsync(
                parsed.GetValue(id)!, parsed.GetValue(model)!, parsed.GetValue(format), parsed.GetValue(target)!, cancellationToken);
            Console.WriteLine($"Wrote {written}");
            return ExitCode.Done;
        });
        return command;
    }
}

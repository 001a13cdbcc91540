using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl export</c>: writes a model of a checkpoint for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new Command("export", "Write a model of a checkpoint for other programs.");
        var id = new Argument<string>("id") { Description = $"Which checkpoint: {CheckpointIds.Choices}." };
        var model = new Option<string>("--model") { Description = "The model's id, as 'srl show' shows it.", Required = true };
        var format = new Option<ExportFormat>("--format") { Description = "peft (the adapter, as a folder), merged (base and adapter in one, as a folder), safetensors or pt (all weights, as a file).", Required = true, CustomParser = ParseFormat };
        var target = new Option<string>("--out") { Description = "The folder to write to; made if it is not there.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        foreach (var option in new[] { model, target })
            option.Validators.Add(RequireText);
        command.Arguments.Add(id);
        command.Options.Add(model);
        command.Options.Add(format);
        command.Options.Add(target);
        command.Options.Add(json);
        var configuration = new ConfigurationArguments(command, positional: false);
        id.CompleteFrom(configuration);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var directory = await configuration.OpenAsync(parsed, cancellationToken);
            var (checkpoint, name, form) = (directory.Manager.IdOf(parsed.GetValue(id)!), parsed.GetValue(model)!, parsed.GetValue(format));
            var written = await ExportAsync(directory.Manager, checkpoint, name, form, parsed.GetValue(target)!, cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonText.Write(Describe(checkpoint, name, form, written)) : $"Wrote {written}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> ExportAsync(
        CheckpointManager manager, string id, string model, ExportFormat format, string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await ProgressBar.ShowAsync("Exporting", progress => manager.ExportAsync(id, model, format, folder, progress, cancellationToken));
        }
        catch (IOException e) when (e is not StorageException)
        {
            throw new ConfigurationException($"--out: {e.Message}", e);
        }
    }

    private static ExportFormat ParseFormat(ArgumentResult result)
    {
        var (text, names) = (result.Tokens[0].Value, Enum.GetNames<ExportFormat>().Select(NameOf).ToList());
        if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<ExportFormat>(text, ignoreCase: true);
        result.AddError($"'{text}' is no format. {NearestMatch.Suggest(text, names)}");
        return default;
    }

    private static void RequireText(OptionResult result)
    {
        if (result.Tokens is [{ Value.Length: 0 }])
            result.AddError($"{result.Option.Name} is empty.");
    }

    private static JsonObject Describe(string id, string model, ExportFormat format, string path) => new JsonObject
    {
        ["id"] = id,
        ["model"] = model,
        ["format"] = NameOf(format.ToString()),
        ["path"] = path,
    };

    private static string NameOf(string format) => format.ToLowerInvariant();
}

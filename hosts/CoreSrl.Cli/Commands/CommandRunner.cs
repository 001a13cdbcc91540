using System.CommandLine;
using System.CommandLine.Completions;
using System.Runtime.InteropServices;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary>Runs the command that was typed; turns what goes wrong into a line or two on standard error and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>SIGXFSZ, on Linux and macOS: a file has reached the limit of <c>ulimit -f</c>.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show where in the program an error arose.", Recursive = true };

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        root.Options.Add(Verbose);
        var parsed = root.Parse(args);
        // What a shell asks to be completed is not finished, so it cannot be right yet.
        var isSuggesting = root.Directives.OfType<SuggestDirective>().Any(directive => parsed.GetResult(directive) is not null);
        var usage = isSuggesting ? [] : UsageProblems.Of(parsed);
        if (usage.Count > 0)
        {
            foreach (var problem in usage)
                await Console.Error.WriteLineAsync($"srl: {Printable(problem)}");
            if (UsageProblems.IsCommandMissing(parsed))
                await root.Parse([.. CommandPath.Of(parsed.CommandResult.Command), "--help"]).InvokeAsync();
            else
                await Console.Error.WriteLineAsync($"Type 'srl {string.Join(' ', CommandPath.Of(parsed.CommandResult.Command))} --help' to see what is possible.".Replace("  ", " ", StringComparison.Ordinal));
            return ExitCode.WrongUsage;
        }

        // It would end the process; ignored, the write fails, and is told like any other.
        using var limit = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLarge, signal => signal.Cancel = true);
        try
        {
            // The commands that can be interrupted handle the signals themselves: they have something to save first.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (!parsed.GetValue(Verbose))
        {
            var (code, lines) = Explain(e);
            foreach (var line in lines)
                await Console.Error.WriteLineAsync($"srl: {Printable(line)}");
            return code;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString());
            return Explain(e).Code;
        }
    }

    private static string Printable(string text) => string.Join('\n', text.Split('\n').Select(Terminal.Printable));

    private static (int Code, IReadOnlyList<string> Lines) Explain(Exception e) => e switch
    {
        ConfigurationException configuration => (ExitCode.WrongUsage, [.. configuration.Problems.Select(Terminal.Printable)]),
        KeyNotFoundException or DirectoryInUseException or CheckpointMismatchException => (ExitCode.WrongUsage, [e.Message]),
        DamagedCheckpointException => (ExitCode.Damaged, [e.Message]),
        IOException or UnauthorizedAccessException => (ExitCode.Failed, [e.Message]),
        TrainingFailedException or ClaimLostException or PluginHungException => (ExitCode.Failed, [e.Message]),
        OperationCanceledException => (ExitCode.Interrupted, ["Interrupted; nothing was changed."]),
        _ => (ExitCode.Failed, [$"{e.Message} ({e.GetType().Name}; --verbose shows where)"]),
    };
}

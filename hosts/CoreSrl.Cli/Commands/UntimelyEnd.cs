using System.Runtime.ExceptionServices;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary>
/// While it lives, neither a plugin that exits the process nor one that throws on a thread of its own ends training before it has saved:
/// both count as an interruption, after which the command fails. Nothing helps against a process that is killed or fails fast.
/// </summary>
internal sealed class UntimelyEnd : IDisposable
{
    /// <summary>How long saving may take in a process that is exiting.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Interruption _interruption;
    private readonly TaskCompletionSource _over = new();
    private volatile Exception? _failure;
    private volatile bool _trains;

    /// <summary>Once in a process: of unhandled exceptions .NET lets one handler know.</summary>
    public UntimelyEnd(Interruption interruption)
    {
        _interruption = interruption;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        ExceptionHandling.SetUnhandledExceptionHandler(OnUnhandled);
    }

    /// <summary>From here on there is something to save.</summary>
    public void TrainingBegins() => _trains = true;

    /// <summary>What ended training has been saved, and is told.</summary>
    /// <exception cref="TrainingFailedException">A plugin threw on a thread of its own.</exception>
    public void ThrowIfFailed(TrainingResult result)
    {
        if (_failure is { } failure)
        {
            throw new TrainingFailedException(
                $"An exception that nobody caught ended training, on a thread that a plugin had begun: {failure.Message.TrimEnd('.')} ({failure.GetType().Name}). {Saved(result)} Mend or remove that plugin and run again to go on.",
                failure);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _over.TrySetResult();
    }

    private static string Saved(TrainingResult result) =>
        result.Checkpoint is { } saved ? $"Episode {saved.Episode} is saved in '{saved.Id}'." : "No episode had been completed.";

    private bool OnUnhandled(Exception failure)
    {
        _failure ??= failure;
        _interruption.Stop();
        return true;
    }

    private void OnExit(object? sender, EventArgs e)
    {
        if (_interruption.IsAtOnce)
            return;
        _interruption.Stop();
        // Whoever exits waits here, and the training thread goes on to save.
        var isSaved = !_trains || _over.Task.Wait(Limit);
        Console.Error.WriteLine(
            $"srl: The process was exited from within, by a plugin that called Environment.Exit, before the command was done. {(!_trains ? "Nothing had been trained." : isSaved ? "What had been trained is saved." : "The newest checkpoint is what there is.")} Mend or remove that plugin and run again{(_trains ? " to go on" : "")}.");
        Environment.ExitCode = ExitCode.Failed;
    }
}

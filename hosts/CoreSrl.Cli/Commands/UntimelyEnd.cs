using System.Runtime.ExceptionServices;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary>
/// While it lives, neither a plugin that exits the process nor one that throws on a thread of its own ends the command before training
/// has saved: both count as an interruption, after which the command fails. Nothing helps against a process that is killed or fails fast.
/// </summary>
internal sealed class UntimelyEnd : IDisposable
{
    /// <summary>How long saving may take in a process that is exiting.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Interruption _interruption;
    private readonly TaskCompletionSource<string> _over = new();
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

    /// <summary>Training has ended, and has saved what it could.</summary>
    /// <exception cref="TrainingFailedException">A plugin threw on a thread of its own.</exception>
    public void TrainingEnded(TrainingResult result)
    {
        _over.TrySetResult(Saved(result));
        ThrowIfFailed(result);
    }

    /// <summary>Training has failed, and has saved what it could.</summary>
    /// <param name="failure">Says so, and what was saved.</param>
    public void TrainingFailed(Exception failure) => _over.TrySetResult(failure.Message);

    /// <summary>Says what was thrown on a thread of a plugin's own, if anything was.</summary>
    /// <param name="result">How training ended; null when it had not begun.</param>
    /// <exception cref="TrainingFailedException">Something was.</exception>
    public void ThrowIfFailed(TrainingResult? result = null)
    {
        if (_failure is { } failure)
        {
            throw new TrainingFailedException(
                $"An exception that nobody caught ended the command, on a thread that a plugin had begun: {failure.Message.TrimEnd('.')} ({failure.GetType().Name}). {Saved(result)} Mend or remove that plugin and run again.",
                failure);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _over.TrySetResult("");
    }

    private static string Saved(TrainingResult? result) =>
        result?.Checkpoint is { } saved ? $"Episode {saved.Episode} is saved in '{saved.Id}'." : "Nothing is saved, as no episode was completed.";

    /// <returns>Whether the process goes on.</returns>
    private bool OnUnhandled(Exception failure)
    {
        if (_over.Task.IsCompleted)
            return false; // Nothing waits to be saved any more, nor to tell of it.
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
        var saved = !_trains ? Saved(null)
            : !_over.Task.Wait(Limit) ? $"Nothing was saved within {Limit.TotalMinutes:F0} minutes; the newest checkpoint is what there is."
            : _over.Task.Result;
        Console.Error.WriteLine(
            $"srl: A plugin exited the process (it called Environment.Exit) before the command was done. {saved} Mend or remove that plugin and run again.");
        Environment.ExitCode = ExitCode.Failed;
    }
}

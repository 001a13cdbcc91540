using System.Runtime.InteropServices;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary>SIGUSR1 asks a running trainer for a checkpoint at the end of the episode. Windows has no such signal.</summary>
internal sealed class SaveSignal
{
    private readonly Lock _gate = new();
    private readonly Action<string> _tell;
    private MultiModelTrainer? _trainer;
    private Task _saving = Task.CompletedTask;

    /// <summary>From now on, to the end of the process, the signal does not end it; there is nobody yet to ask.</summary>
    public SaveSignal(Action<string> tell)
    {
        _tell = tell;
        // Never given back: a signal that comes after the last checkpoint must not end the process with a failure.
        if (Number is { } number)
            GCHandle.Alloc(PosixSignalRegistration.Create((PosixSignal)number, Handle));
    }

    /// <summary>The signal's number, which differs between systems.</summary>
    private static int? Number => OperatingSystem.IsLinux() ? 10 : OperatingSystem.IsMacOS() ? 30 : null;

    /// <summary>Asks this trainer when the signal comes.</summary>
    public void Ask(MultiModelTrainer trainer)
    {
        lock (_gate)
            _trainer = trainer;
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_gate)
        {
            // Signals that come while one is being answered ask for the same checkpoint.
            if (_saving.IsCompleted && _trainer?.RequestCheckpoint() is { } asked)
                _saving = TellAsync(asked);
        }
    }

    private async Task TellAsync(Task<Abstractions.SavedCheckpoint> asked)
    {
        _tell("Asked for a checkpoint: it is taken at the end of this episode.");
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Where it failed the run does, and tells why; where training ended first it has saved its end.
        if (asked.IsCompletedSuccessfully)
            _tell($"Saved '{asked.Result.Id}' of episode {asked.Result.Episode}, as asked.");
    }
}

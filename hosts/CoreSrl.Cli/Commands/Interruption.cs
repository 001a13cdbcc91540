using System.Runtime.InteropServices;

namespace CoreSrl.Cli.Commands;

/// <summary>Ctrl-C, SIGTERM and a closed terminal: the first asks what runs to stop in order, as training does that saves first; the second stops the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public Interruption() => _registrations =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    /// <summary>Told once, when the first signal comes.</summary>
    public event Action? Interrupted;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether the process stops without waiting for anything.</summary>
    public bool IsAtOnce { get; private set; }

    /// <summary>Asks what runs to stop in order, for another reason than a signal.</summary>
    public void Stop()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _cancellation.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_cancellation.IsCancellationRequested)
        {
            IsAtOnce = true;
            Environment.Exit(ExitCode.Interrupted);
        }

        context.Cancel = true;
        _cancellation.Cancel();
        Interrupted?.Invoke();
    }
}

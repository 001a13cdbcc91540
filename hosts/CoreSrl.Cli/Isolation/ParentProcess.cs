using System.IO.Pipes;
using CoreSrl.Cli.Commands;

namespace CoreSrl.Cli.Isolation;

/// <summary>The process that started this one as a <see cref="PluginProcess"/>: told line by line what happens here, and nothing here
/// outlives it.</summary>
internal sealed class ParentProcess : IAsyncDisposable
{
    /// <summary>The option with which it says where it listens.</summary>
    public const string PipeOption = "--pipe";

    private readonly StreamWriter _writer;

    /// <param name="pipe">Where it listens.</param>
    /// <param name="clean">What else is to be done when it is gone.</param>
    public ParentProcess(string pipe, Action? clean = null)
    {
        ProcessGroup.Begin();
        new Thread(() => EndWithIt(clean)) { IsBackground = true }.Start();
        _writer = new(new AnonymousPipeClientStream(PipeDirection.Out, pipe)) { AutoFlush = true };
    }

    /// <summary>Tells it something.</summary>
    public void Tell(string line) => _writer.WriteLine(line);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>It holds the standard input of this process open as long as it lives.</summary>
    private static void EndWithIt(Action? clean)
    {
        while (Console.In.Read() >= 0)
        {
            // Nothing is ever written there.
        }

        try
        {
            clean?.Invoke();
        }
        finally
        {
            ProcessGroup.Kill(Environment.ProcessId);
            Environment.Exit(ExitCode.Failed);
        }
    }
}

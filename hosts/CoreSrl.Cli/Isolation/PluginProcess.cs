using System.Diagnostics;
using System.IO.Pipes;
using System.Threading.Channels;

namespace CoreSrl.Cli.Isolation;

/// <summary>
/// This program once more, to run plugins' code in: whatever that does to its process, it does not do to this one. What the process
/// has to say comes line by line through a pipe of its own, so that a plugin may write to the console what it likes.
/// </summary>
internal sealed class PluginProcess : IAsyncDisposable
{
    /// <summary>How long is waited for its last words when it has ended: what it started may hold its pipes open for ever.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In, HandleInheritability.Inheritable);
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Process _process;
    private readonly Task _ending;
    private string? _complaint;

    /// <param name="arguments">What is typed behind <c>srl</c>; the pipe is added.</param>
    public PluginProcess(IEnumerable<string> arguments)
    {
        var self = Environment.ProcessPath!;
        // As 'dotnet srl.dll' it runs where the program has no executable of its own.
        string[] command = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, typeof(PluginProcess).Assembly.Location] : [self];
        _process = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], .. arguments, ParentProcess.PipeOption, _pipe.GetClientHandleAsString()])
        {
            RedirectStandardInput = true, // Its end tells the process that this one is gone.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Its pipes for debuggers would stay in the temporary folder when it is killed.
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
        })!;
        _pipe.DisposeLocalCopyOfClientHandle();
        _ending = EndAsync(Task.WhenAll(Task.Run(ListenAsync), Task.Run(ReadComplaintsAsync), _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null)));
    }

    /// <summary>The next line it says; null when it has ended.</summary>
    /// <exception cref="TimeoutException">It says nothing for so long.</exception>
    public async Task<string?> NextAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        try
        {
            return await _lines.Reader.WaitToReadAsync(patience.Token) && _lines.Reader.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    /// <summary>How it ended, to follow "the process".</summary>
    public async Task<string> DescribeEndAsync()
    {
        await _ending;
        return $"ended with code {_process.ExitCode}{(_complaint is null ? "" : $", saying: {_complaint}")}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _ending;
        _pipe.Dispose();
        _process.Dispose();
    }

    /// <summary>Waits until it has ended, and ends what it started with it.</summary>
    private async Task EndAsync(Task reading)
    {
        await _process.WaitForExitAsync();
        ProcessGroup.Kill(_process.Id);
        await Task.WhenAny(reading, Task.Delay(LastWords));
        _lines.Writer.TryComplete();
    }

    private async Task ListenAsync()
    {
        using var reader = new StreamReader(_pipe);
        while (await reader.ReadLineAsync() is { } line)
            _lines.Writer.TryWrite(line);
    }

    private async Task ReadComplaintsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
            _complaint ??= line.Trim() is { Length: > 0 } words and not "Process terminated." ? words : null; // What .NET says before the reason.
    }
}

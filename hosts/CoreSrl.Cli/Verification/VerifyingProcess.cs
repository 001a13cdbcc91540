using System.Diagnostics;
using System.IO.Pipes;
using System.Threading.Channels;

namespace CoreSrl.Cli.Verification;

/// <summary>
/// This program once more, to run a plugin's code in: whatever that does to its process, it does not do to this one. What the process
/// has to say comes through a pipe of its own, so that a plugin may write to the console what it likes.
/// </summary>
internal sealed class VerifyingProcess : IAsyncDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In, HandleInheritability.Inheritable);
    private readonly Channel<VerifyMessage> _messages = Channel.CreateUnbounded<VerifyMessage>();
    private readonly Process _process;
    private readonly Task _listening;
    private readonly Task<string> _complaints;
    private readonly Task _chatter;

    /// <param name="arguments">What is typed behind <c>srl</c>; the pipe is added.</param>
    public VerifyingProcess(IEnumerable<string> arguments)
    {
        var self = Environment.ProcessPath!;
        // As 'dotnet srl.dll' it runs where the program has no executable of its own.
        string[] command = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, typeof(VerifyingProcess).Assembly.Location] : [self];
        _process = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], .. arguments, "--pipe", _pipe.GetClientHandleAsString()])
        {
            RedirectStandardInput = true, // Its end tells the process that this one is gone.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _pipe.DisposeLocalCopyOfClientHandle();
        _complaints = _process.StandardError.ReadToEndAsync();
        _chatter = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _listening = Task.Run(ListenAsync);
    }

    /// <summary>The next thing it says; null when it has ended.</summary>
    /// <exception cref="TimeoutException">It says nothing for so long.</exception>
    public async Task<VerifyMessage?> NextAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        try
        {
            return await _messages.Reader.WaitToReadAsync(patience.Token) && _messages.Reader.TryRead(out var message) ? message : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    /// <summary>How it ended, to follow "the process".</summary>
    public async Task<string> DescribeEndAsync()
    {
        await _process.WaitForExitAsync();
        var words = (await _complaints).Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0);
        return $"ended with code {_process.ExitCode}{(words is null ? "" : $", saying: {words}")}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _listening;
        await _chatter;
        _pipe.Dispose();
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        using var reader = new StreamReader(_pipe);
        while (await reader.ReadLineAsync() is { } line)
            _messages.Writer.TryWrite(VerifyMessage.FromLine(line));
        _messages.Writer.Complete();
    }
}

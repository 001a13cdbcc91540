using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CoreSrl.Benchmarks.Checkpoint;

namespace CoreSrl.Benchmarks.Language;

/// <summary>A Python process that takes the same step with PyTorch, and times that itself.</summary>
internal sealed class GroupStepPeer : IAsyncDisposable
{
    private readonly Process _process;

    private GroupStepPeer(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <exception cref="PeerException">The interpreter cannot be started, or has no torch.</exception>
    public static async Task<GroupStepPeer> StartAsync(string python, string folder, int threads)
    {
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "group_step_peer.py"), folder, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"--peer {python}: the interpreter cannot be started ({e.Message}). Name one, such as /usr/bin/python3.");
        }

        var hello = await AnswerAsync(process);
        if ((string?)hello["error"] is not { } error)
            return new(process, (string)hello["version"]!);
        process.Dispose();
        throw new PeerException($"--peer {python}: that interpreter has no PyTorch ({error}). Install it (Debian: python3-torch), or name one that has.");
    }

    /// <summary>Sampling, learning, and both.</summary>
    public async Task<ImmutableArray<TimeSpan>> StepAsync()
    {
        var answer = await AskAsync("step");
        var (sampling, learning) = (TimeSpan.FromSeconds((double)answer["sampling"]!), TimeSpan.FromSeconds((double)answer["learning"]!));
        return [sampling, learning, sampling + learning];
    }

    /// <summary>The most memory that the process has held beyond what it held before there was a model, in MiB.</summary>
    public async Task<double> MemoryAsync() => (double)(await AskAsync("memory"))["mib"]!;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<JsonObject> AskAsync(string what)
    {
        await _process.StandardInput.WriteLineAsync(what);
        await _process.StandardInput.FlushAsync();
        return await AnswerAsync(_process);
    }

    private static async Task<JsonObject> AnswerAsync(Process process) => await process.StandardOutput.ReadLineAsync() is { } line
        ? JsonNode.Parse(line)!.AsObject()
        : throw new PeerException("The Python process ended; what it wrote to standard error says why.");
}

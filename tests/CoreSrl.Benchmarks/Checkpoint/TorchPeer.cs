using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>A Python process that holds tensors of the same shapes, saves and loads them with PyTorch, and times that itself.</summary>
internal sealed class TorchPeer : IAsyncDisposable
{
    private readonly Process _process;

    private TorchPeer(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Starts the process and waits until its tensors are there.</summary>
    /// <exception cref="PeerException">The interpreter cannot be started, or has no torch.</exception>
    public static async Task<TorchPeer> StartAsync(string python, string path, Workload workload)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "torch_peer.py");
        var start = new ProcessStartInfo(python, [script, path, JsonSerializer.Serialize(workload.Shapes)])
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

        try
        {
            var hello = await AnswerAsync(process);
            if ((string?)hello["error"] is { } error)
                throw new PeerException($"--peer {python}: that interpreter has no PyTorch ({error}). Install it (Debian: python3-torch), or name one that has.");
            return new(process, (string)hello["version"]!);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>torch.save to a new file: how long the call takes, and how long with fsync of file and folder.</summary>
    public async Task<(TimeSpan Call, TimeSpan Flushed)> SaveAsync()
    {
        var answer = await AskAsync("save");
        return (Seconds(answer, "save"), Seconds(answer, "flushed"));
    }

    /// <summary>torch.load of the file saved last.</summary>
    public async Task<TimeSpan> LoadAsync() => Seconds(await AskAsync("load"), "load");

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

    private static async Task<JsonObject> AnswerAsync(Process process)
    {
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new PeerException($"The Python process ended with exit code {await EndAsync(process)}; what it wrote to standard error says why.");
        return JsonNode.Parse(line)!.AsObject();
    }

    private static async Task<int> EndAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static TimeSpan Seconds(JsonObject answer, string name) => TimeSpan.FromSeconds((double)answer[name]!);
}

/// <summary>There is nothing to compare with.</summary>
internal sealed class PeerException(string message) : Exception(message);

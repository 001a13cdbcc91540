using System.Text.Json;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>A Python process that holds tensors of the same shapes, saves and loads them with PyTorch, and times that itself.</summary>
internal sealed class TorchPeer(PeerProcess process) : IAsyncDisposable
{
    /// <summary>What to do when a Python has no PyTorch.</summary>
    public const string Remedy = "Name an interpreter that has PyTorch (Debian: python3-torch), such as /usr/bin/python3.";

    /// <summary>PyTorch's version.</summary>
    public string Version => process.Version;

    /// <summary>Starts the process and waits until its tensors are there.</summary>
    /// <exception cref="PeerException">The interpreter cannot be started, or has no torch.</exception>
    public static async Task<TorchPeer> StartAsync(string python, string path, Workload workload) =>
        new(await PeerProcess.StartAsync($"--peer {python}", python, "torch_peer.py", Remedy, path, JsonSerializer.Serialize(workload.Shapes)));

    /// <summary>torch.save to a new file: how long the call takes, and how long with fsync of file and folder.</summary>
    public async Task<(TimeSpan Call, TimeSpan Flushed)> SaveAsync()
    {
        var answer = await process.AskAsync("save");
        return (PeerProcess.Seconds(answer, "save"), PeerProcess.Seconds(answer, "flushed"));
    }

    /// <summary>torch.load of the file saved last.</summary>
    public async Task<TimeSpan> LoadAsync() => PeerProcess.Seconds(await process.AskAsync("load"), "load");

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

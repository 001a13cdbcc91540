using System.Collections.Immutable;
using CoreSrl.Benchmarks.Checkpoint;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Language;

/// <summary>A Python process that takes the same step with PyTorch, and times that itself.</summary>
internal sealed class GroupStepPeer(PeerProcess process) : IAsyncDisposable
{
    /// <summary>PyTorch's version.</summary>
    public string Version => process.Version;

    /// <exception cref="PeerException">The interpreter cannot be started, or has no torch.</exception>
    public static async Task<GroupStepPeer> StartAsync(string python, string folder, int threads) =>
        new(await PeerProcess.StartAsync($"--peer {python}", python, "group_step_peer.py", TorchPeer.Remedy, folder, $"{threads}"));

    /// <summary>Sampling, learning, and both.</summary>
    public async Task<ImmutableArray<TimeSpan>> StepAsync()
    {
        var answer = await process.AskAsync("step");
        var (sampling, learning) = (PeerProcess.Seconds(answer, "sampling"), PeerProcess.Seconds(answer, "learning"));
        return [sampling, learning, sampling + learning];
    }

    /// <summary>The most memory that the process has held beyond what it held before there was a model, in MiB.</summary>
    public async Task<double> MemoryAsync() => (double)(await process.AskAsync("memory"))["mib"]!;

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

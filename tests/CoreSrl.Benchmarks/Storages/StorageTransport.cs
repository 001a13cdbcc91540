using System.Diagnostics;
using CoreSrl.Abstractions;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>A storage of ours.</summary>
internal sealed class StorageTransport(ICheckpointStorage storage) : ITransport
{
    public string Name => "Core SRL";

    public async Task<TimeSpan> UpAsync(string name, TransportContent content)
    {
        var clock = Stopwatch.StartNew();
        await storage.WriteAsync(name, content.Pieces, WriteCondition.Always, default);
        return clock.Elapsed;
    }

    public async Task<TimeSpan> DownAsync(string name, TransportContent content)
    {
        var clock = Stopwatch.StartNew();
        await storage.ReadAsync(name, 0, content.Received, default);
        return clock.Elapsed;
    }
}

using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Bytes in memory as a source, with a record of what was asked for and a place to make a read fail or wait.</summary>
internal sealed class TestSource(byte[] content) : IByteSource
{
    private readonly ConcurrentQueue<(long Offset, int Count)> _reads = [];

    /// <summary>Called with the offset before each read.</summary>
    public Func<long, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Each read's offset and length, in order.</summary>
    public IReadOnlyList<(long Offset, int Count)> Reads => [.. _reads];

    public string Name => "test";

    public long Length => content.Length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        _reads.Enqueue((offset, destination.Length));
        await Before(offset, cancellationToken);
        content.AsMemory((int)offset, destination.Length).CopyTo(destination);
    }
}

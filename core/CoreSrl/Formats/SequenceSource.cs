using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A file that lies in memory; its reads complete at once.</summary>
/// <param name="name">What to call it in messages.</param>
/// <param name="content">Its bytes.</param>
public sealed class SequenceSource(string name, ReadOnlySequence<byte> content) : IByteSource
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long Length => content.Length;

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        content.Slice(offset, destination.Length).CopyTo(destination.Span);
        return ValueTask.CompletedTask;
    }
}

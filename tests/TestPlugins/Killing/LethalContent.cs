using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Killing;

/// <summary>Content whose second half nobody lives to read.</summary>
internal static class LethalContent
{
    public static ReadOnlySequence<byte> Halfway(ReadOnlySequence<byte> content)
    {
        var half = content.Length / 2;
        var first = new Piece(content.Slice(0, half).ToArray(), null);
        var last = new Piece(new LethalMemory((int)(content.Length - half)).Memory, first);
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }

    /// <summary>Memory that kills whoever looks into it.</summary>
    private sealed class LethalMemory(int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan()
        {
            Death.Now();
            return default;
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            Death.Now();
            return default;
        }

        public override void Unpin()
        {
            // Nobody gets so far.
        }

        protected override void Dispose(bool disposing)
        {
            // It holds nothing.
        }
    }
}

/// <summary>A source whose second half nobody lives to read.</summary>
internal sealed class LethalSource(IByteSource inner) : IByteSource
{
    public string Name => inner.Name;

    public long Length => inner.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (offset + destination.Length > Length / 2 && offset > 0)
            Death.Now();
        return inner.ReadAsync(offset, destination, cancellationToken);
    }
}

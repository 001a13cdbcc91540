using System.Buffers;

namespace CoreSrl.Abstractions;

/// <summary>A source's bytes, brought into memory for a storage that can only write what lies there.</summary>
internal sealed class CollectedBytes : ReadOnlySequenceSegment<byte>
{
    private const int PieceLength = 64 << 20;

    private CollectedBytes(ReadOnlyMemory<byte> piece, CollectedBytes? previous)
    {
        Memory = piece;
        RunningIndex = previous is null ? 0 : previous.RunningIndex + previous.Memory.Length;
        previous?.Next = this;
    }

    public static async ValueTask<ReadOnlySequence<byte>> OfAsync(IByteSource source, CancellationToken cancellationToken)
    {
        CollectedBytes? first = null, last = null;
        for (var offset = 0L; offset < source.Length; offset += PieceLength)
        {
            var piece = GC.AllocateUninitializedArray<byte>((int)Math.Min(PieceLength, source.Length - offset));
            await source.ReadAsync(offset, piece, cancellationToken).ConfigureAwait(false);
            last = new(piece, last);
            first ??= last;
        }

        return first is null || last is null ? default : new(first, 0, last, last.Memory.Length);
    }
}

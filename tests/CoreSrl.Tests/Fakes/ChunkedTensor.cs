using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>A tensor in real memory that no single array could hold.</summary>
internal sealed class ChunkedTensor : StateTensor
{
    private const int ChunkLength = 64 << 20;

    private readonly byte[][] _chunks;

    public ChunkedTensor(TensorPart part, TensorInfo info)
        : base(part, info) => _chunks = [.. Enumerable.Range(0, (int)((info.ByteLength + ChunkLength - 1) / ChunkLength)).Select(_ => new byte[ChunkLength])];

    public override void CopyTo(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var piece = Piece(offset, destination.Length);
            piece.Span.CopyTo(destination);
            offset += piece.Length;
            destination = destination[piece.Length..];
        }
    }

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            var piece = Piece(offset, source.Length);
            source[..piece.Length].CopyTo(piece.Span);
            offset += piece.Length;
            source = source[piece.Length..];
        }
    }

    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory)
    {
        memory = Piece(offset, length);
        return memory.Length == length;
    }

    private Memory<byte> Piece(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Info.ByteLength - length);
        var within = (int)(offset % ChunkLength);
        return _chunks[offset / ChunkLength].AsMemory(within, Math.Min(length, ChunkLength - within));
    }
}

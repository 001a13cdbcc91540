using System.Buffers;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints.Snapshots;

/// <summary>
/// One long stretch of memory, in arrays, that is used again and again. Its pages are touched when it is made: a fresh page costs a
/// fault per 4 KiB, many times the copy that it is for.
/// </summary>
internal sealed class StagingMemory
{
    private const int ChunkLength = 64 << 20;
    private const int PageLength = 4096;

    private readonly byte[][] _chunks;

    public StagingMemory(long length)
    {
        Length = length;
        _chunks = new byte[(length + ChunkLength - 1) / ChunkLength][];
        // Large arrays would be zeroed and moved about otherwise; these stay where they are.
        Parallel.For(0, _chunks.Length, index =>
        {
            var chunk = GC.AllocateUninitializedArray<byte>((int)Math.Min(ChunkLength, length - ((long)index * ChunkLength)), pinned: true);
            for (var at = 0; at < chunk.Length; at += PageLength)
                chunk[at] = 0;
            _chunks[index] = chunk;
        });
    }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>The pieces that make up a range, each at most <paramref name="pieceLength"/> long, with their offsets in the range.</summary>
    public IEnumerable<(long Offset, Memory<byte> Piece)> Pieces(long start, long length, int pieceLength)
    {
        for (var done = 0L; done < length;)
        {
            var at = start + done;
            var within = (int)(at % ChunkLength);
            var piece = (int)Math.Min(Math.Min(pieceLength, ChunkLength - within), length - done);
            yield return (done, _chunks[at / ChunkLength].AsMemory(within, piece));
            done += piece;
        }
    }

    /// <summary>A range as one sequence.</summary>
    public ReadOnlySequence<byte> Slice(long start, long length)
    {
        var content = new SequenceBuilder();
        foreach (var (_, piece) in Pieces(start, length, ChunkLength))
            content.Append(piece);
        return content.Build();
    }
}

using System.Collections.Immutable;

namespace CoreSrl.Checkpoints;

/// <summary>A file of a checkpoint as its metadata records it.</summary>
/// <param name="Size">In bytes; -1 where a checkpoint of format version 1 does not say.</param>
/// <param name="Xxh128">The XXH128 digest of its content, as 32 lower-case hexadecimal digits.</param>
public sealed record FileRecord(long Size, string Xxh128)
{
    /// <summary>The length of a part: so much can be read and checked on its own.</summary>
    public const int PartLength = 16 << 20;

    /// <summary>The digests of a longer file's consecutive parts of <see cref="PartLength"/> bytes, the last one shorter; empty for
    /// a file that is one part.</summary>
    public ImmutableArray<string> Parts { get; init; } = [];

    /// <summary>In how many pieces the file can be checked.</summary>
    internal int PieceCount => Math.Max(1, Parts.Length);

    /// <summary>Where a piece begins, its length, and its digest.</summary>
    internal (long Offset, long Length, string Xxh128) Piece(int index) => Parts.IsEmpty
        ? (0, Size, Xxh128)
        : ((long)index * PartLength, Math.Min(PartLength, Size - ((long)index * PartLength)), Parts[index]);
}

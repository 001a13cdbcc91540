using System.Runtime.InteropServices;

namespace CoreSrl.Testing;

/// <summary>Bytes without end that a seed decides, each known from its offset: an object of any size can be written and checked without
/// being held.</summary>
internal readonly record struct Pattern(ulong Seed)
{
    private const int Word = sizeof(ulong);

    public byte[] Bytes(int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        Fill(0, bytes);
        return bytes;
    }

    public void Fill(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var within = (int)(offset % Word);
            var words = within == 0 ? MemoryMarshal.Cast<byte, ulong>(destination) : [];
            for (var i = 0; i < words.Length; i++)
                words[i] = At((offset / Word) + i);
            var filled = words.Length * Word;
            if (filled == 0)
            {
                var word = At(offset / Word);
                var piece = MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(ref word))[within..];
                piece = piece[..Math.Min(piece.Length, destination.Length)];
                piece.CopyTo(destination);
                filled = piece.Length;
            }

            offset += filled;
            destination = destination[filled..];
        }
    }

    /// <summary>Where bytes that should be those from an offset on differ first; -1 when they do not.</summary>
    public long FirstDifference(long offset, ReadOnlySpan<byte> found)
    {
        Span<byte> expected = stackalloc byte[4096];
        for (var done = 0; done < found.Length; done += expected.Length)
        {
            var piece = found.Slice(done, Math.Min(expected.Length, found.Length - done));
            Fill(offset + done, expected[..piece.Length]);
            var same = piece.CommonPrefixLength(expected[..piece.Length]);
            if (same < piece.Length)
                return offset + done + same;
        }

        return -1;
    }

    // The finalizer of MurmurHash3: neighbouring places look unrelated.
    private ulong At(long place)
    {
        var x = Seed + ((ulong)place * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }
}

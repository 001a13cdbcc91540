using System.Collections.Concurrent;

namespace CoreSrl.Tests.Fakes;

/// <summary>Gigabytes that are zero but for a few pages, and take the memory of those pages alone. May be used by several threads.</summary>
internal sealed class SparseBytes(long length)
{
    private const int PageLength = 4096;

    private readonly ConcurrentDictionary<long, byte[]> _pages = [];

    public long Length { get; } = length;

    /// <summary>How many pages hold something.</summary>
    public int PageCount => _pages.Count;

    public void CopyTo(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        destination.Clear();
        foreach (var (page, bytes) in _pages)
        {
            var from = Math.Max(page * PageLength, offset);
            var to = Math.Min((page + 1) * PageLength, offset + destination.Length);
            if (from < to)
                bytes.AsSpan((int)(from % PageLength), (int)(to - from)).CopyTo(destination[(int)(from - offset)..]);
        }
    }

    public void CopyFrom(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        while (!source.IsEmpty)
        {
            var page = offset / PageLength;
            var within = (int)(offset % PageLength);
            var piece = source[..Math.Min(PageLength - within, source.Length)];
            if (_pages.ContainsKey(page) || piece.ContainsAnyExcept((byte)0))
                piece.CopyTo(_pages.GetOrAdd(page, _ => new byte[PageLength]).AsSpan(within));
            offset += piece.Length;
            source = source[piece.Length..];
        }
    }

    private void Check(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
    }
}

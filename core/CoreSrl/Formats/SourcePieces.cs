using System.Buffers;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>Reads a source from its start to its end through two buffers: while one piece is used, the next is on its way.</summary>
internal static class SourcePieces
{
    /// <summary>The size of a piece in bytes, but for the last: large enough that a request costs little beside its bytes.</summary>
    public const int Length = 4 << 20;

    /// <summary>The pieces in their order; each is valid until the next one is asked for.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        IByteSource source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (source.Length == 0)
            yield break;
        var size = (int)Math.Min(Length, source.Length);
        var current = ArrayPool<byte>.Shared.Rent(size);
        var next = ArrayPool<byte>.Shared.Rent(size);
        var reading = Task.FromResult(0);
        try
        {
            reading = FillAsync(source, 0, current, cancellationToken);
            for (var offset = 0L; offset < source.Length;)
            {
                var read = await reading.ConfigureAwait(false);
                offset += read;
                reading = offset < source.Length ? FillAsync(source, offset, next, cancellationToken) : Task.FromResult(0);
                yield return current.AsMemory(0, read);
                (current, next) = (next, current);
            }
        }
        finally
        {
            // A buffer goes back only when nothing is being written to it any more.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(current);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    // A source whose reads complete at once would otherwise hold up whoever uses the piece before.
    private static Task<int> FillAsync(IByteSource source, long offset, byte[] buffer, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                var count = (int)Math.Min(Length, source.Length - offset);
                await source.ReadAsync(offset, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                return count;
            },
            cancellationToken);
}

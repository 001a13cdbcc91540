using System.Runtime.CompilerServices;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Brings a listing from the order of S3, that of UTF-8, into the ordinal one of UTF-16.</summary>
/// <remarks>They differ in one point: characters beyond U+FFFF come last in the one, and before U+E000 to U+FFFF in the other. So what
/// has one of these (few names do) waits until nothing can come any more that sorts before it; all else passes at once.</remarks>
internal static class OrdinalOrder
{
    private const char Late = '\uE000';

    /// <summary>Reorders a listing.</summary>
    /// <param name="listing">The entries, in the order of their names' UTF-8.</param>
    /// <param name="name">An entry's name.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async IAsyncEnumerable<T> RestoreAsync<T>(
        IAsyncEnumerable<T> listing, Func<T, string> name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = new PriorityQueue<T, string>(StringComparer.Ordinal);
        await foreach (var entry in listing.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var newest = name(entry);
            waiting.Enqueue(entry, newest);
            while (waiting.TryPeek(out var first, out var key) && !CanBePreceded(key, newest))
            {
                waiting.Dequeue();
                yield return first;
            }
        }

        while (waiting.TryDequeue(out var entry, out _))
            yield return entry;
    }

    /// <summary>Whether a name that comes after the newest in UTF-8 can come before this one in UTF-16: only one that is the same up
    /// to this one's first late character, as long as the newest is, too.</summary>
    private static bool CanBePreceded(string key, string newest)
    {
        var late = key.AsSpan().IndexOfAnyInRange(Late, '\uFFFF');
        return late >= 0 && newest.AsSpan().StartsWith(key.AsSpan(0, late), StringComparison.Ordinal);
    }
}

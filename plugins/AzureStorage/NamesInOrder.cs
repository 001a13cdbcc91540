using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Puts a listing into the ordinal order of its keys, of which the server's own differs in one respect.</summary>
internal static class NamesInOrder
{
    /// <summary>The first character that UTF-16, in which ordinal order is defined, and UTF-8, in which servers compare, may order
    /// differently.</summary>
    private const char Doubtful = '\uD800';

    /// <summary>Passes objects on as they come; only those with a doubtful character, as long as what stands before it is the same, are
    /// collected and put in order: in either order they follow each other.</summary>
    /// <exception cref="StorageException">The listing is in no order that can be mended.</exception>
    public static async IAsyncEnumerable<ObjectInfo> OfAsync(
        IAsyncEnumerable<ObjectInfo> listing, AzurePlace place, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new List<ObjectInfo>();
        string? head = null, last = null;
        await foreach (var found in listing.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var next = HeadOf(found.Key);
            if (next is null || next != head)
            {
                foreach (var info in Sorted(run))
                    yield return Checked(info);
                run.Clear();
            }

            head = next;
            if (next is null)
                yield return Checked(found);
            else
                run.Add(found);
        }

        foreach (var info in Sorted(run))
            yield return Checked(info);

        ObjectInfo Checked(ObjectInfo info)
        {
            if (string.CompareOrdinal(last, info.Key) >= 0)
                throw Failure.Of(StorageErrorKind.Permanent, place, prefix, "the server lists in no usual order, as accounts with a hierarchical namespace may; use one without");
            last = info.Key;
            return info;
        }
    }

    private static string? HeadOf(string key)
    {
        var at = key.AsSpan().IndexOfAnyInRange(Doubtful, char.MaxValue);
        return at < 0 ? null : key[..at];
    }

    private static IOrderedEnumerable<ObjectInfo> Sorted(List<ObjectInfo> run) => run.OrderBy(info => info.Key, StringComparer.Ordinal);
}

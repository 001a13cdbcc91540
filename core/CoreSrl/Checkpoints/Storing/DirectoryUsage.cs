using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Counts the bytes of a directory.</summary>
internal static class DirectoryUsage
{
    /// <summary>Sorts what a storage lists into checkpoints, base weights and the rest.</summary>
    /// <param name="objects">Every object of the directory.</param>
    /// <param name="saved">Its checkpoints, newest first.</param>
    /// <param name="removal">What pruning would remove.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static async Task<StorageUsage> CountAsync(
        IAsyncEnumerable<ObjectInfo> objects, ImmutableArray<SavedCheckpoint> saved, Removal removal, CancellationToken cancellationToken)
    {
        var checkpoints = saved.ToDictionary(checkpoint => checkpoint.Id, _ => 0L, StringComparer.Ordinal);
        var bases = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var other = 0L;
        await foreach (var info in objects.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var folder = info.Key.Split('/', 2)[0];
            if (checkpoints.TryGetValue(folder, out var bytes))
                checkpoints[folder] = bytes + info.Length;
            else if (CheckpointLayout.BaseWeightsOf(info.Key) is { } digest)
                bases[digest] = info.Length;
            else
                other += info.Length;
        }

        return new([.. saved.Select(checkpoint => (checkpoint, checkpoints[checkpoint.Id]))], bases, other)
        {
            Prunable = removal.Checkpoints,
            PrunableBytes = removal.Checkpoints.Sum(id => checkpoints.GetValueOrDefault(id)) + removal.BaseWeights.Sum(digest => bases.GetValueOrDefault(digest)),
        };
    }
}

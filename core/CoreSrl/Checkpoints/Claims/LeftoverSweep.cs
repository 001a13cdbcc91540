using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>
/// Removes what was announced and left half-way: files of checkpoints that were not committed or have been removed, and base weights
/// that nothing refers to. What was not announced it does not touch.
/// </summary>
/// <param name="Removed">The ids and keys that something was deleted of.</param>
/// <param name="Failure">Why not everything could be removed; the rest stays announced. Null when it could.</param>
internal sealed record LeftoverSweep(IReadOnlyList<string> Removed, StorageException? Failure)
{
    /// <summary>How often a folder is looked at until nothing is left there.</summary>
    private const int MaxLooks = 5;

    /// <summary>
    /// Takes from a process that may yet live what it was in the middle of: after this it can neither commit a checkpoint that it had
    /// announced nor remove one that is still there. Where there is no metadata, a void one takes its place, and of the two writers one
    /// wins; what was being removed is removed.
    /// </summary>
    public static async Task ForestallAsync(ICheckpointStorage storage, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        foreach (var id in claim.Doubtful.Where(key => !IsBaseWeights(key)))
        {
            var metadata = CheckpointLayout.Key(id, CheckpointLayout.Metadata);
            if (claim.Removing.Contains(id))
            {
                await storage.DeleteAsync(metadata, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var file = CheckpointJson.ToBytes(new JsonObject
            {
                [CheckpointFacts.VoidKey] = "The process that was writing this checkpoint lost its directory to another. This is no checkpoint; the folder can be deleted.",
            });
            try
            {
                await storage.WriteAsync(metadata, new(file), WriteCondition.IfAbsent, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
            {
                // It was committed in time: then it is a checkpoint like any other.
            }
        }
    }

    /// <summary>Removes what was announced and is no checkpoint; call when nothing is being written. What cannot be removed does not
    /// keep the rest from it.</summary>
    public static async Task<LeftoverSweep> RunAsync(
        ICheckpointStorage storage, DirectoryClaim claim, IEnumerable<string> announced, CheckpointCatalog catalog, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        StorageException? failure = null;
        // Checkpoints first: only when all are known it is known what they refer to.
        foreach (var key in announced.Distinct().OrderBy(IsBaseWeights).ToList())
        {
            if (failure is not null && (failure.Kind == StorageErrorKind.Transient || IsBaseWeights(key)))
                break;
            try
            {
                if (await RemoveAsync(storage, key, catalog, cancellationToken).ConfigureAwait(false))
                    removed.Add(key);
                if (IsBaseWeights(key) ? catalog.Unreadable.Any() : catalog.Unreadable.Contains(key))
                    continue; // It may be a checkpoint's, it may be left of half a one: whoever can read that decides.
                if (!claim.Removing.Contains(key) || !catalog.Contains(key)) // Its removal has not begun: that is the next retention's.
                    await claim.SettleAsync([key]).ConfigureAwait(false);
            }
            catch (StorageException e)
            {
                failure ??= e;
            }
        }

        return new(removed, failure);
    }

    private static bool IsBaseWeights(string key) => CheckpointLayout.BaseWeightsOf(key) is not null;

    /// <returns>Whether there was anything to delete.</returns>
    private static async Task<bool> RemoveAsync(ICheckpointStorage storage, string key, CheckpointCatalog catalog, CancellationToken cancellationToken)
    {
        if (CheckpointLayout.BaseWeightsOf(key) is { } digest)
        {
            if (catalog.RefersTo(digest) || await storage.StatAsync(key, cancellationToken).ConfigureAwait(false) is null)
                return false;
            await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
            return true;
        }

        // A commit may have succeeded though its answer was lost.
        return !catalog.Contains(key)
            && !(await storage.ReadAllAsync(CheckpointLayout.Key(key, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false) is { } metadata
                && catalog.Discover(key, metadata.Content.Span))
            && await DeleteDataAsync(storage, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a checkpoint's files but for its metadata; what somebody else put into its folder stays.</summary>
    /// <returns>Whether there were any.</returns>
    public static async Task<bool> DeleteDataAsync(ICheckpointStorage storage, string id, CancellationToken cancellationToken)
    {
        // No checksum guards a listing. With one wrong bit it overlooks a file, and shows another in its place that is not there: so it
        // is believed that all are gone when a listing shows none, and nothing that is not there.
        var found = false;
        for (var looks = 0; looks < MaxLooks; looks++)
        {
            var keys = await storage.ListAsync(id + "/", cancellationToken).Select(info => info.Key).ToListAsync(cancellationToken).ConfigureAwait(false);
            var data = keys.Where(key => CheckpointLayout.IsFileOf(id, key) && key != CheckpointLayout.Key(id, CheckpointLayout.Metadata)).ToList();
            foreach (var key in data)
                await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
            if (data.Count == 0 && await AreThereAsync(storage, keys, cancellationToken).ConfigureAwait(false))
                return found;
            found |= data.Count > 0;
        }

        throw new StorageException(StorageErrorKind.Transient, id, $"'{id}' in {storage.Location}: the storage goes on listing files that are not there");
    }

    private static async Task<bool> AreThereAsync(ICheckpointStorage storage, List<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            if (await storage.StatAsync(key, cancellationToken).ConfigureAwait(false) is null)
                return false;
        }

        return true;
    }
}

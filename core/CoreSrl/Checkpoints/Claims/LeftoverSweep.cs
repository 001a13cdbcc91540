using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>
/// Removes what a process left half-way when it died: files of checkpoints that it had not committed or had begun to delete, and base
/// weights that nothing refers to. It touches only what that process had announced.
/// </summary>
internal static class LeftoverSweep
{
    /// <summary>
    /// Makes sure that none of the announced checkpoints can still be committed by a process that may yet live: where there is no
    /// metadata, a void one takes its place, and of the two writers one wins.
    /// </summary>
    public static async Task ForestallAsync(ICheckpointStorage storage, IEnumerable<string> announced, CancellationToken cancellationToken)
    {
        foreach (var id in announced.Where(key => CheckpointLayout.BaseWeightsOf(key) is null))
        {
            var file = CheckpointJson.ToBytes(new JsonObject
            {
                [CheckpointFacts.VoidKey] = "The process that was writing this checkpoint lost its directory to another. This is no checkpoint; the folder can be deleted.",
            });
            try
            {
                await storage.WriteAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), new(file), WriteCondition.IfAbsent, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
            {
                // It was committed in time: then it is a checkpoint like any other.
            }
        }
    }

    /// <summary>Deletes the data of announced checkpoints that were not committed, and announced base weights that nothing refers to.</summary>
    /// <returns>The ids and keys that something was deleted of.</returns>
    public static async Task<IReadOnlyList<string>> SweepAsync(
        ICheckpointStorage storage, IEnumerable<string> announced, CheckpointCatalog catalog, CancellationToken cancellationToken)
    {
        var swept = new List<string>();
        foreach (var key in announced)
        {
            if (CheckpointLayout.BaseWeightsOf(key) is { } digest)
            {
                if (catalog.RefersTo(digest) || await storage.StatAsync(key, cancellationToken).ConfigureAwait(false) is null)
                    continue;
                await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
                swept.Add(key);
            }
            else if (!catalog.Contains(key) && await DeleteDataAsync(storage, key, cancellationToken).ConfigureAwait(false))
            {
                swept.Add(key);
            }
        }

        return swept;
    }

    /// <summary>Deletes a checkpoint's files but for its metadata; what somebody else put into its folder stays.</summary>
    /// <returns>Whether there were any.</returns>
    public static async Task<bool> DeleteDataAsync(ICheckpointStorage storage, string id, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var info in storage.ListAsync(id + "/", cancellationToken).ConfigureAwait(false))
        {
            if (CheckpointLayout.IsFileOf(id, info.Key) && info.Key != CheckpointLayout.Key(id, CheckpointLayout.Metadata))
                keys.Add(info.Key);
        }

        foreach (var key in keys)
            await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        return keys.Count > 0;
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Policies;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Removes checkpoints that no policy keeps, and base weights that no checkpoint refers to any more.</summary>
internal sealed class Retention(ICheckpointStorage storage, PolicySet policies)
{
    /// <summary>What can go of a run now; removes nothing.</summary>
    public Removal Plan(string runId, CheckpointCatalog catalog)
    {
        var saved = catalog.OfRun(runId);
        var keep = policies.Keep(saved);
        return Of(saved.Select(checkpoint => checkpoint.Id).Where(id => !keep.Contains(id)), catalog);
    }

    /// <summary>
    /// Removes what can go of a run, and what an earlier pass or a failed save left behind. Announced first, so that whoever comes after
    /// a crash can finish it.
    /// </summary>
    /// <returns>The ids of the checkpoints that were removed.</returns>
    /// <exception cref="StorageException">Not everything could be removed; the rest stays announced.</exception>
    public Task<IReadOnlyList<string>> ApplyAsync(string runId, CheckpointCatalog catalog, DirectoryClaim claim, CancellationToken cancellationToken) =>
        RemoveAsync(Plan(runId, catalog), catalog, claim, cancellationToken);

    /// <summary>The same with certain checkpoints, whatever the policies say; those that are not there are passed over.</summary>
    public Task<IReadOnlyList<string>> RemoveAsync(IEnumerable<string> ids, CheckpointCatalog catalog, DirectoryClaim claim, CancellationToken cancellationToken) =>
        RemoveAsync(Of(ids.Where(catalog.Holds), catalog), catalog, claim, cancellationToken);

    private static Removal Of(IEnumerable<string> going, CheckpointCatalog catalog)
    {
        var ids = going.ToList();
        return new(ids, catalog.BaseWeightsOnlyOf(ids));
    }

    private async Task<IReadOnlyList<string>> RemoveAsync(Removal removal, CheckpointCatalog catalog, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        var (ids, bases) = removal;
        if (ids.Count > 0)
            await claim.AnnounceRemovalAsync(ids, bases.Select(CheckpointLayout.BaseWeights), cancellationToken).ConfigureAwait(false);
        else if (!claim.Pending.IsEmpty)
            await claim.CheckAsync(cancellationToken).ConfigureAwait(false);
        else
            return [];

        // The metadata of all goes before the data of any: a checkpoint is there as a whole or not at all.
        StorageException? failure = null;
        foreach (var id in ids)
        {
            try
            {
                await storage.DeleteAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false);
                catalog.Remove(id);
            }
            catch (StorageException e) when (e.Kind != StorageErrorKind.Transient)
            {
                failure ??= e;
            }
        }

        var sweep = await LeftoverSweep.RunAsync(storage, claim, claim.Pending, catalog, cancellationToken).ConfigureAwait(false);
        return (failure ?? sweep.Failure) is { } cause ? throw cause : ids;
    }
}

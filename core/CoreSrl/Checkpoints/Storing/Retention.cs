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
        var ids = saved.Select(checkpoint => checkpoint.Id).Where(id => !keep.Contains(id)).ToList();
        return new(ids, catalog.BaseWeightsOnlyOf(ids));
    }

    /// <summary>Removes what can go of a run. Announced first, so that whoever comes after a crash can finish it.</summary>
    /// <returns>The ids of the checkpoints that were removed.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(string runId, CheckpointCatalog catalog, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        var (ids, bases) = Plan(runId, catalog);
        if (ids.Count == 0)
            return ids;
        List<string> announced = [.. ids, .. bases.Select(CheckpointLayout.BaseWeights)];
        await claim.AnnounceAsync(announced, cancellationToken).ConfigureAwait(false);

        // The metadata of all goes before the data of any: a checkpoint is there as a whole or not at all.
        foreach (var id in ids)
        {
            await storage.DeleteAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false);
            catalog.Remove(id);
        }

        foreach (var id in ids)
            await LeftoverSweep.DeleteDataAsync(storage, id, cancellationToken).ConfigureAwait(false);
        foreach (var digest in bases.Where(digest => !catalog.RefersTo(digest)))
            await storage.DeleteAsync(CheckpointLayout.BaseWeights(digest), cancellationToken).ConfigureAwait(false);
        await claim.SettleAsync(announced).ConfigureAwait(false);
        return ids;
    }
}

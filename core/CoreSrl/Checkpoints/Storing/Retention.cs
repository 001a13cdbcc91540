using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Policies;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Removes checkpoints that no policy keeps, and base weights that no checkpoint refers to any more.</summary>
internal sealed class Retention(ICheckpointStorage storage, PolicySet policies)
{
    /// <summary>The checkpoints of a run that no policy keeps, newest first.</summary>
    public IReadOnlyList<SavedCheckpoint> Removable(string runId, CheckpointCatalog catalog)
    {
        var saved = catalog.OfRun(runId);
        var keep = policies.Keep(saved);
        return [.. saved.Where(checkpoint => !keep.Contains(checkpoint.Id))];
    }

    /// <summary>Removes what can go of a run. Announced first, so that whoever comes after a crash can finish it.</summary>
    /// <returns>The ids of the checkpoints that were removed.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(string runId, CheckpointCatalog catalog, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        var ids = Removable(runId, catalog).Select(checkpoint => checkpoint.Id).ToList();
        if (ids.Count == 0)
            return ids;
        var bases = ids.SelectMany(id => catalog.BaseWeightsOf(id)).Distinct().ToList();
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

using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Reads checkpoints to their last byte, in every directory that holds them; base weights once in each.</summary>
/// <param name="store">The checkpoints.</param>
/// <param name="progress">Told of what is read.</param>
internal sealed class CheckpointVerification(ICheckpointStore store, ReadProgress progress)
{
    /// <summary>What is wrong with base weights that have been read already, by key; null for what is whole.</summary>
    private readonly Dictionary<CheckpointStore, Dictionary<string, string?>> _bases = [];

    /// <summary>Verifies every copy of a checkpoint; of several, one that is removed meanwhile is passed over.</summary>
    public async Task<CheckpointVerdict> RunAsync(string id, CancellationToken cancellationToken)
    {
        var damage = store.DamagedCopies.Where(copy => copy.CheckpointId == id).ToList();
        var holders = store.HoldersOf(id);
        foreach (var holder in holders)
        {
            var found = await FindDamageAsync(id, holder, cancellationToken).ConfigureAwait(false);
            if (found.Count > 0 && (holders.Count == 1 || await holder.IsThereAsync(id, cancellationToken).ConfigureAwait(false)))
                damage.AddRange(found.Select(one => store == holder ? one : new(id, one.File, $"{one.Problem} (in {holder.Location})", one)));
        }

        return new(id, damage);
    }

    private async Task<IReadOnlyList<DamagedCheckpointException>> FindDamageAsync(string id, CheckpointStore holder, CancellationToken cancellationToken)
    {
        if (!_bases.TryGetValue(holder, out var bases))
            _bases[holder] = bases = new(StringComparer.Ordinal);
        try
        {
            var reader = await holder.ReadAsync(id, progress.Of(id), cancellationToken).ConfigureAwait(false);
            return await reader.VerifyAsync(bases, cancellationToken).ConfigureAwait(false);
        }
        catch (DamagedCheckpointException e)
        {
            return [e];
        }
    }
}

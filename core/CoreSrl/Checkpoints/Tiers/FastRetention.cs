using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;

namespace CoreSrl.Checkpoints.Tiers;

/// <summary>What stays in the fast tier: the newest few, and whatever still has to be copied.</summary>
/// <param name="count">How many of the newest.</param>
/// <param name="waits">Whether a checkpoint has to be copied yet.</param>
internal sealed class FastRetention(int count, Func<SavedCheckpoint, bool> waits) : ICheckpointPolicy, IKeepOnly
{
    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where((checkpoint, index) => index < count || waits(checkpoint)).Select(checkpoint => checkpoint.Id);
}

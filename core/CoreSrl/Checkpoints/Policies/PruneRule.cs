using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>A policy as a rule for pruning, where somebody else has said what is to become of final checkpoints.</summary>
/// <param name="policy">Says what stays.</param>
/// <param name="includeFinal">Whether final checkpoints are like any other to it. Otherwise they stay, and it does not see them.</param>
internal sealed class PruneRule(ICheckpointPolicy policy, bool includeFinal) : ICheckpointPolicy
{
    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => includeFinal
        ? policy.Keep([.. saved.Select(checkpoint => checkpoint with { Final = false })])
        : saved.Where(checkpoint => checkpoint.Final).Select(checkpoint => checkpoint.Id)
            .Concat(policy.Keep([.. saved.Where(checkpoint => !checkpoint.Final)]));
}

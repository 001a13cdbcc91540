using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>A policy that never asks for a save: it only says what stays.</summary>
internal interface IKeepOnly : ICheckpointPolicy
{
    /// <inheritdoc/>
    SaveDecision ICheckpointPolicy.Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;
}

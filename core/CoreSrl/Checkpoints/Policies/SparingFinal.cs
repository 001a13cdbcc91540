using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>Another policy that is not asked about final checkpoints: they stay.</summary>
internal sealed class SparingFinal(ICheckpointPolicy inner) : ICheckpointPolicy
{
    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => inner.Decide(progress, saved);

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where(checkpoint => checkpoint.Final).Select(checkpoint => checkpoint.Id)
            .Concat(inner.Keep([.. saved.Where(checkpoint => !checkpoint.Final)]));
}

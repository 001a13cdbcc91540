using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The built-in policy: saves every so many episodes, keeps the newest, final checkpoints not counted.</summary>
/// <param name="saveInterval">Every how many episodes; at least 1.</param>
/// <param name="maxCheckpoints">How many to keep; -1 for all.</param>
public sealed class IntervalPolicy(long saveInterval, int maxCheckpoints) : ICheckpointPolicy
{
    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return progress.Episode % saveInterval == 0
            ? SaveDecision.Save(saveInterval == 1 ? "every episode" : $"every {saveInterval} episodes")
            : SaveDecision.Skip;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
    {
        var regular = saved.Where(checkpoint => !checkpoint.Final);
        return saved.Where(checkpoint => checkpoint.Final)
            .Concat(maxCheckpoints < 0 ? regular : regular.Take(maxCheckpoints))
            .Select(checkpoint => checkpoint.Id);
    }
}

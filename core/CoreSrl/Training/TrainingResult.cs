using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>How a call of <see cref="MultiModelTrainer.TrainAsync"/> ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All episodes are done, and the final checkpoint is durable and, unless that was turned off, verified.</summary>
    Finished,

    /// <summary>They had been done before; nothing was changed.</summary>
    AlreadyFinished,

    /// <summary>Training was cancelled; the last episode boundary is saved.</summary>
    Interrupted,
}

/// <summary>What a call of <see cref="MultiModelTrainer.TrainAsync"/> achieved.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Episode">The episodes completed.</param>
/// <param name="Checkpoint">The newest checkpoint; null when there is none yet.</param>
/// <param name="Models">The models' statistics, in the order of the configuration.</param>
public sealed record TrainingResult(TrainingOutcome Outcome, long Episode, SavedCheckpoint? Checkpoint, IReadOnlyList<ModelState> Models)
{
    /// <summary>Whether the final checkpoint was read back, to its last byte, and is what was written. Always so after
    /// <see cref="TrainingOutcome.Finished"/>, unless <see cref="Configuration.CheckpointOptions.VerifyFinal"/> is off.</summary>
    public bool Verified { get; init; }
}

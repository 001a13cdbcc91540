using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The checkpoint before a moment of training.</summary>
internal static class LastSave
{
    /// <summary>The newest checkpoint that is not of a later episode; null when there is none. After a return to an older checkpoint
    /// there are some of episodes that have yet to be played again.</summary>
    public static SavedCheckpoint? Before(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        saved.FirstOrDefault(checkpoint => checkpoint.Episode <= progress.Episode);
}

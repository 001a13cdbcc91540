namespace CoreSrl.Abstractions;

/// <summary>
/// Says when a checkpoint is taken and which ones stay: two questions, each answered from its arguments alone. A policy keeps no
/// state of its own; "the best so far" is read from the checkpoints that exist, so it survives a resume by itself.
/// </summary>
/// <remarks>An exception from either member is reported and counts as "no" and "keep everything" respectively: it ends no run and
/// loses no checkpoint. One that does not come back within <c>Plugins:TimeLimit</c> is not asked again, and ends the run, after the last
/// episode boundary has been saved.</remarks>
public interface ICheckpointPolicy
{
    /// <summary>
    /// Whether to take a checkpoint now. Called at every episode boundary while training waits, so it must be quick. One policy's yes
    /// is enough; reasons and tags of all that say yes are recorded. At the last boundary the final checkpoint is taken whatever the
    /// answer, with the tags of those that say yes.
    /// </summary>
    /// <param name="progress">Where the run is.</param>
    /// <param name="saved">The run's checkpoints, newest first; one still being written is among them.</param>
    SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved);

    /// <summary>
    /// The ids of the checkpoints that this policy wants kept; by default none. Called after each commit, on background threads; where
    /// there is a fast tier, also to see whether one that has yet to be copied would be kept, so that two calls may meet. A checkpoint
    /// is deleted only when no active policy keeps it, and the newest one never. What a policy keeps it must keep still when it is asked
    /// again without those that were deleted.
    /// </summary>
    /// <param name="saved">The run's committed checkpoints, newest first.</param>
    IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => [];
}

using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint is not what was written: the message names its file. Another checkpoint may be whole.</summary>
public sealed class DamagedCheckpointException : Exception
{
    /// <summary>Describes the damage.</summary>
    /// <param name="checkpointId">The checkpoint.</param>
    /// <param name="file">Its file, relative to its folder, or a base weights file relative to the directory.</param>
    /// <param name="problem">What is wrong with the file; without a full stop.</param>
    /// <param name="innerException">What revealed it.</param>
    public DamagedCheckpointException(string checkpointId, string file, string problem, Exception? innerException = null)
        : base($"Checkpoint '{checkpointId}': {file} {problem}.", innerException)
    {
        CheckpointId = checkpointId;
        File = file;
        Problem = problem;
    }

    /// <summary>Says of several damaged checkpoints what follows from it.</summary>
    internal DamagedCheckpointException(string message, DamagedCheckpointException newest)
        : base(message, newest)
    {
        CheckpointId = newest.CheckpointId;
        File = newest.File;
        Problem = newest.Problem;
    }

    /// <summary>Says that none is left to go on from, and what to do.</summary>
    /// <param name="location">Where they are.</param>
    /// <param name="damaged">All of them; at least one.</param>
    /// <param name="elsewhere">How to start anew, as the end of a sentence without its full stop.</param>
    internal static DamagedCheckpointException OfAll(string location, IReadOnlyList<DamagedCheckpointException> damaged, string elsewhere) =>
        damaged.All(damage => damage.IsUnreadable)
            // Credentials that have expired, say: nothing is lost, and nothing is to be begun over it.
            ? new($"No checkpoint in {location} can be read: {damaged[0].InnerException!.Message}", damaged[0])
            : new($"Every checkpoint in {location} is damaged, so there is nothing to go on from. To start anew {elsewhere}", damaged[0]);

    /// <summary>Whether its storage refused to read it, so that nothing is known of what is there.</summary>
    internal bool IsUnreadable => InnerException is StorageException { Kind: StorageErrorKind.Permanent };

    /// <summary>The checkpoint.</summary>
    public string CheckpointId { get; }

    /// <summary>The damaged file.</summary>
    public string File { get; }

    /// <summary>What is wrong with it; without a full stop.</summary>
    public string Problem { get; }
}

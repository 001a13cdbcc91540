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

    /// <summary>The checkpoint.</summary>
    public string CheckpointId { get; }

    /// <summary>The damaged file.</summary>
    public string File { get; }

    /// <summary>What is wrong with it; without a full stop.</summary>
    public string Problem { get; }
}

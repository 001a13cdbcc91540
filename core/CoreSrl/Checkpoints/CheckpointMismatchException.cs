namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint is whole, but not of what it was to be put into: use what it was taken of, or another directory.</summary>
public sealed class CheckpointMismatchException : Exception
{
    /// <summary>Describes the difference.</summary>
    /// <param name="message">Each difference, with both values.</param>
    public CheckpointMismatchException(string message)
        : base(message)
    {
    }
}

namespace CoreSrl.Training;

/// <summary>Training stopped because something failed. The message says what, and which checkpoint to go on from.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>Describes the failure.</summary>
    public TrainingFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

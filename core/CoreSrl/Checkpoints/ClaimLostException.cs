namespace CoreSrl.Checkpoints;

/// <summary>The directory no longer belongs to this process: it writes nothing more there, so that it spoils nobody's checkpoints.</summary>
public sealed class ClaimLostException : Exception
{
    /// <summary>Describes what happened.</summary>
    /// <param name="message">Who has the directory now, and what to do.</param>
    public ClaimLostException(string message)
        : base(message)
    {
    }
}

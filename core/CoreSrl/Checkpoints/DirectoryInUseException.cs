namespace CoreSrl.Checkpoints;

/// <summary>Another process writes to the directory: wait for it, stop it, or choose another directory.</summary>
public sealed class DirectoryInUseException : Exception
{
    /// <summary>Describes who holds the directory.</summary>
    /// <param name="message">Who, since when, and what to do.</param>
    public DirectoryInUseException(string message)
        : base(message)
    {
    }
}

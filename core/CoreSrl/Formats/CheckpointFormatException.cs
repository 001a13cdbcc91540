namespace CoreSrl.Formats;

/// <summary>
/// A file is not what its format demands, or holds something that Core SRL does not read. Trying again does not help; the message
/// says which file, what is wrong with it, and what to do.
/// </summary>
public sealed class CheckpointFormatException : Exception
{
    /// <summary>Describes a fault.</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="problem">What is wrong, and where in the file; without a full stop.</param>
    /// <param name="remedy">What to do about it: a sentence without a full stop.</param>
    /// <param name="innerException">What revealed it.</param>
    public CheckpointFormatException(string file, string problem, string remedy, Exception? innerException = null)
        : base($"{file}: {problem}. {remedy}.", innerException)
    {
        File = file;
        Problem = problem;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>What is wrong, and where in the file.</summary>
    public string Problem { get; }
}

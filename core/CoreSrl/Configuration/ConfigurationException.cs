namespace CoreSrl.Configuration;

/// <summary>
/// The configuration, or a plugin it names, cannot be used. Nothing has been written yet; every problem found is told at once.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>One problem.</summary>
    public ConfigurationException(string problem, Exception? innerException = null)
        : base(problem, innerException) => Problems = [problem];

    /// <summary>Several problems.</summary>
    public ConfigurationException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>What is wrong, where, and what to do; one entry per problem.</summary>
    public IReadOnlyList<string> Problems { get; }
}

namespace CoreSrl.Testing;

/// <summary>What <see cref="MetadataConformance"/> shows to a contributor, and what it may expect.</summary>
public sealed record MetadataConformanceOptions : ConformanceOptions
{
    /// <summary>How many models play.</summary>
    /// <value>Default 3.</value>
    public int Models { get; init; } = 3;

    /// <summary>How many episodes a run has.</summary>
    /// <value>Default 200.</value>
    public int Episodes { get; init; } = 200;

    /// <summary>The values that need not be the same for the same run: measured by a clock, or of the machine.</summary>
    /// <value>Default none beside those whose names end in <c>_seconds</c> or <c>_per_second</c>.</value>
    public IReadOnlyList<string> Varying { get; init; } = [];

    internal bool Varies(string name) =>
        Varying.Contains(name) || name.EndsWith("_seconds", StringComparison.Ordinal) || name.EndsWith("_per_second", StringComparison.Ordinal);
}

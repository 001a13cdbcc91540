namespace CoreSrl.Testing;

/// <summary>What <see cref="MetadataConformance"/> shows to a contributor.</summary>
public sealed record MetadataConformanceOptions : ConformanceOptions
{
    /// <summary>How many models play.</summary>
    /// <value>Default 3.</value>
    public int Models { get; init; } = 3;

    /// <summary>How many episodes a run has.</summary>
    /// <value>Default 200.</value>
    public int Episodes { get; init; } = 200;
}

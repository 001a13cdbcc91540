namespace CoreSrl.Testing;

/// <summary>What <see cref="PolicyConformance"/> shows to a policy.</summary>
public sealed record PolicyConformanceOptions : ConformanceOptions
{
    /// <summary>The metrics that its checkpoints and boundaries have: name here what the policy's options name.</summary>
    /// <value>Default: the trainer's own.</value>
    public IReadOnlyList<string> Metrics { get; init; } = TrainerMetrics.Names;

    /// <summary>How many episodes a run has.</summary>
    /// <value>Default 200.</value>
    public int Episodes { get; init; } = 200;

    /// <summary>How many runs each rule goes through.</summary>
    /// <value>Default 5.</value>
    public int Runs { get; init; } = 5;
}

namespace CoreSrl.Testing;

/// <summary>What every kit can be told.</summary>
public abstract record ConformanceOptions
{
    private protected ConformanceOptions()
    {
    }

    /// <summary>Decides everything random; every failure tells it.</summary>
    /// <value>Default: another one each time.</value>
    public int? Seed { get; init; }

    /// <summary>How long a rule may take.</summary>
    /// <value>Default 2 minutes.</value>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}

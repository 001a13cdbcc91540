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

    /// <summary>
    /// How long a call may take for which training waits at every boundary; the rules whose names end in <c>-is-quick</c> ask. The
    /// fastest of ten counts, and on Linux the time in which it waited for a processor does not, so that a busy machine is not mistaken
    /// for a slow plugin.
    /// </summary>
    /// <value>Default 100 milliseconds.</value>
    public TimeSpan QuickLimit { get; init; } = TimeSpan.FromMilliseconds(100);
}

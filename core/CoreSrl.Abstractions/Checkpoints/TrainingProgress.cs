namespace CoreSrl.Abstractions;

/// <summary>Where a run is, at an episode boundary: plain facts.</summary>
public sealed record TrainingProgress
{
    /// <summary>The episodes completed.</summary>
    public required long Episode { get; init; }

    /// <summary>The episodes after which the run ends.</summary>
    public required long MaxEpisodes { get; init; }

    /// <summary>The environment steps taken since the start of the run, over all games.</summary>
    public long EnvironmentSteps { get; init; }

    /// <summary>The time spent training since the start of the run, over all its processes, without <see cref="HeldUp"/>.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The time for which training stood still because a checkpoint was taken, since the start of the run, over all its
    /// processes: waiting for the save before, copying, and the writing itself where that is not done in the background.</summary>
    public TimeSpan HeldUp { get; init; }

    /// <summary>The metrics at this boundary by name: the trainer's (<c>avg_reward</c>, …) and the contributors' numbers.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}

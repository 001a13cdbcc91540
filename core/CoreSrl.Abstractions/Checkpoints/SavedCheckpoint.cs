using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>A checkpoint that exists: plain facts from its metadata.</summary>
public sealed record SavedCheckpoint
{
    /// <summary>Its id, which is the name of its folder.</summary>
    public required string Id { get; init; }

    /// <summary>The run it belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>The episodes completed when it was taken.</summary>
    public required long Episode { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Whether it is the last one of a finished run.</summary>
    public bool Final { get; init; }

    /// <summary>The environment steps taken when it was taken.</summary>
    public long EnvironmentSteps { get; init; }

    /// <summary>The time spent training when it was taken; see <see cref="TrainingProgress.Elapsed"/>.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The time for which saves had held up training when it was taken, itself not counted; see <see cref="TrainingProgress.HeldUp"/>.</summary>
    public TimeSpan HeldUp { get; init; }

    /// <summary>The tags its policies gave it.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The numbers among its <c>global_metrics</c>, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>The size of its files in bytes, without shared base weights.</summary>
    public long SizeBytes { get; init; }
}

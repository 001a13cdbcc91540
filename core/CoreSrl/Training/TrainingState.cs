using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>
/// What the trainer itself knows at an episode boundary. Immutable: an episode makes the next one, so that a failure in the middle
/// of an episode leaves the last boundary as it was.
/// </summary>
internal sealed record TrainingState
{
    /// <summary>The run; derived from the time it began.</summary>
    public required string RunId { get; init; }

    /// <summary>The episodes completed.</summary>
    public long Episode { get; init; }

    /// <summary>The environment steps taken, over all games.</summary>
    public long EnvironmentSteps { get; init; }

    /// <summary>The seconds spent training, over all processes of the run.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>The seconds for which saves held up training, over all processes of the run.</summary>
    public double HeldUpSeconds { get; init; }

    /// <summary>How many threads an operation uses; fixed for the run.</summary>
    public required int Threads { get; init; }

    /// <summary>The last checkpoint of the run, perhaps still under way; null before the first. Not stored: it is the one in which the
    /// state is found.</summary>
    [JsonIgnore]
    public string? LastCheckpoint { get; init; }

    /// <summary>Statistics in the order of the configuration.</summary>
    public required ImmutableArray<ModelState> Models { get; init; }

    /// <summary>Each model's experiences since the last update.</summary>
    public required ImmutableArray<ImmutableArray<Experience>> Pending { get; init; }

    /// <summary>Each model's summed reward since the last update.</summary>
    public required ImmutableArray<double> PendingReward { get; init; }

    /// <summary>The mean reward over all models of each of the latest episodes, oldest first.</summary>
    public ImmutableArray<double> RecentRewards { get; init; } = [];

    /// <summary>What else the environment reported in the last episode: means by name.</summary>
    public ImmutableSortedDictionary<string, double> LastInfo { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Where the run is, with metrics.</summary>
    public TrainingProgress Progress(long maxEpisodes, IReadOnlyDictionary<string, double> metrics) => new()
    {
        Episode = Episode,
        MaxEpisodes = maxEpisodes,
        EnvironmentSteps = EnvironmentSteps,
        Elapsed = TimeSpan.FromSeconds(ElapsedSeconds),
        HeldUp = TimeSpan.FromSeconds(HeldUpSeconds),
        Metrics = metrics,
    };

    /// <summary>The state of a run before its first episode.</summary>
    public static TrainingState Begin(string runId, int threads, IReadOnlyList<ModelSlot> models) => new()
    {
        RunId = runId,
        Threads = threads,
        Models = [.. models.Select(slot => new ModelState { ModelId = slot.Id })],
        Pending = [.. models.Select(_ => ImmutableArray<Experience>.Empty)],
        PendingReward = [.. models.Select(_ => 0.0)],
    };
}

using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>An episode boundary at which a policy is asked.</summary>
/// <param name="Progress">Where the run is.</param>
/// <param name="Saved">Its checkpoints, newest first.</param>
internal sealed record Boundary(TrainingProgress Progress, IReadOnlyList<SavedCheckpoint> Saved)
{
    private static readonly DateTimeOffset Began = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);

    /// <summary>The checkpoint of a boundary.</summary>
    public static SavedCheckpoint Checkpoint(TrainingProgress at, params IEnumerable<string> tags) => new()
    {
        Id = $"run_ep_{at.Episode}_{(Began + at.Elapsed).ToUnixTimeSeconds()}",
        RunId = "run",
        Episode = at.Episode,
        Timestamp = Began + at.Elapsed,
        EnvironmentSteps = at.EnvironmentSteps,
        Elapsed = at.Elapsed,
        HeldUp = at.HeldUp,
        Tags = [.. tags],
        Metrics = at.Metrics,
        SizeBytes = 1_000_000 + (at.Episode % 7 * 1_000),
    };

    public override string ToString() => $"episode {Progress.Episode} of {Progress.MaxEpisodes} with {Saved.Count} checkpoints";
}

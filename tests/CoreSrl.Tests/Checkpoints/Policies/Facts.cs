using CoreSrl.Abstractions;
using CsCheck;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>Plain facts for policies to decide by.</summary>
internal static class Facts
{
    public static readonly DateTimeOffset Began = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);

    /// <summary>A moment of training; as many seconds and ten times as many steps as episodes unless given.</summary>
    public static TrainingProgress At(long episode, double? seconds = null, double heldUp = 0, long? steps = null, params (string Name, double Value)[] metrics) => new()
    {
        Episode = episode,
        MaxEpisodes = 1000,
        EnvironmentSteps = steps ?? episode * 10,
        Elapsed = TimeSpan.FromSeconds(seconds ?? episode),
        HeldUp = TimeSpan.FromSeconds(heldUp),
        Metrics = metrics.ToDictionary(metric => metric.Name, metric => metric.Value),
    };

    /// <summary>The checkpoint of a moment, taken a minute after the one of the episode before.</summary>
    public static SavedCheckpoint Saved(TrainingProgress at, bool final = false, long size = 100, params string[] tags) => new()
    {
        Id = $"{at.Episode}",
        RunId = "run",
        Episode = at.Episode,
        Timestamp = Began + TimeSpan.FromMinutes(at.Episode),
        Final = final,
        EnvironmentSteps = at.EnvironmentSteps,
        Elapsed = at.Elapsed,
        HeldUp = at.HeldUp,
        Tags = [.. tags],
        Metrics = at.Metrics,
        SizeBytes = size,
    };

    public static SavedCheckpoint Saved(long episode, bool final = false, long size = 100) => Saved(At(episode), final, size);

    /// <summary>Checkpoints of these episodes, newest first.</summary>
    public static IReadOnlyList<SavedCheckpoint> History(params IEnumerable<long> episodes) => [.. episodes.OrderDescending().Select(episode => Saved(episode))];

    public static string Join(IEnumerable<string> ids) => string.Join(' ', ids.Order(StringComparer.Ordinal));

    /// <summary>Any number a metric may have, those that are none among them.</summary>
    public static Gen<double> AnyNumber { get; } = Gen.OneOf(Gen.Double[-5, 5], Gen.OneOfConst(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 1));

    /// <summary>Any history, newest first: with gaps, final ones, and metrics that are no numbers.</summary>
    public static Gen<IReadOnlyList<SavedCheckpoint>> AnyHistory { get; } =
        Gen.Select(Gen.Long[1, 60].HashSet[0, 25], AnyNumber.Array[25], Gen.Int[0, 300].Array[25], Gen.Bool.Array[25]).Select((episodes, metrics, sizes, finals) =>
            (IReadOnlyList<SavedCheckpoint>)[.. episodes.OrderDescending().Select((episode, index) =>
                Saved(At(episode, seconds: episode * 1.5, metrics: ("m", metrics[index])), finals[index] && index == 0, sizes[index], index % 3 == 0 ? ["best", "best:m"] : []))]);
}

using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Analysis;

/// <summary>How a metric went through the checkpoints of a run: what a chart of its progress shows.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Metric">The metric's name in <c>global_metrics</c>.</param>
/// <param name="Curves">One for each model that has the metric as <c>METRIC/MODEL</c>, and one for the metric itself where it is there.</param>
public sealed record RunProgress(string RunId, string Metric, IReadOnlyList<MetricCurve> Curves)
{
    /// <summary>What is shown when nothing else is asked for.</summary>
    public const string DefaultMetric = "avg_reward";

    /// <summary>The best checkpoint: the newest that a policy tagged <c>best:METRIC</c>, or else <c>best</c>; where none is tagged,
    /// the one with the highest average reward. Null where there is no average reward either.</summary>
    public SavedCheckpoint? Best { get; init; }

    /// <summary>The final checkpoint; null when the run is not finished.</summary>
    public SavedCheckpoint? Final { get; init; }

    /// <summary>Reads the progress of the newest run among some checkpoints.</summary>
    /// <param name="checkpoints">Newest first. Of several that a run has of one episode, the newest counts.</param>
    /// <param name="metric">The metric's name.</param>
    /// <exception cref="ArgumentException">There is no checkpoint.</exception>
    /// <exception cref="KeyNotFoundException">None has that metric; the message suggests the nearest.</exception>
    public static RunProgress Of(IReadOnlyList<SavedCheckpoint> checkpoints, string metric = DefaultMetric)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        if (checkpoints.Count == 0)
            throw new ArgumentException("There is no checkpoint to show the progress of.", nameof(checkpoints));
        var run = checkpoints.Where(saved => saved.RunId == checkpoints[0].RunId).DistinctBy(saved => saved.Episode).OrderBy(saved => saved.Episode).ToList();
        var names = run.SelectMany(saved => saved.Metrics.Keys).Distinct().ToList();
        var prefix = $"{DefaultMetric}/";
        var models = names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);
        List<MetricCurve> curves = [.. models.Select(model => Curve(model, $"{metric}/{model}")).Where(curve => curve.Points.Count > 0)];
        // Of a single model the mean is the same curve again.
        if (curves.Count != 1 && Curve(null, metric) is { Points.Count: > 0 } together)
            curves.Add(together);
        if (curves.Count == 0)
            throw new KeyNotFoundException($"No checkpoint of the run '{run[0].RunId}' has a metric '{metric}'. {NearestMatch.Suggest(metric, names)}");
        return new(run[0].RunId, metric, curves)
        {
            Best = run.FindLast(saved => saved.Tags.Contains($"best:{metric}")) ?? run.FindLast(saved => saved.Tags.Contains("best"))
                ?? run.Where(saved => saved.Metrics.ContainsKey(DefaultMetric)).MaxBy(saved => saved.Metrics[DefaultMetric]),
            Final = run.FindLast(saved => saved.Final),
        };

        MetricCurve Curve(string? name, string key) =>
            new(name, [.. run.Where(saved => saved.Metrics.ContainsKey(key)).Select(saved => (saved, saved.Metrics[key]))]);
    }
}

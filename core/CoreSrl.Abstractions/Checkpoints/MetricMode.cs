namespace CoreSrl.Abstractions;

/// <summary>Which values of a metric are the better ones.</summary>
public enum MetricMode
{
    /// <summary>Larger ones: a reward.</summary>
    Max,

    /// <summary>Smaller ones: a loss.</summary>
    Min,
}

/// <summary>What follows from <see cref="MetricMode"/>, the same for every policy. A value that is no number, or infinite, never wins.</summary>
public static class MetricModes
{
    /// <summary>By how much a value is better than another, in units of the metric; negative when it is worse.</summary>
    public static double Gain(this MetricMode mode, double value, double over) => mode == MetricMode.Max ? value - over : over - value;

    /// <summary>The checkpoints with a finite value of a metric, best first; of equal ones, in the order given.</summary>
    public static IEnumerable<SavedCheckpoint> Rank(this MetricMode mode, IEnumerable<SavedCheckpoint> saved, string metric)
    {
        var finite = saved.Where(checkpoint => checkpoint.Metrics.TryGetValue(metric, out var value) && double.IsFinite(value));
        return mode == MetricMode.Max
            ? finite.OrderByDescending(checkpoint => checkpoint.Metrics[metric])
            : finite.OrderBy(checkpoint => checkpoint.Metrics[metric]);
    }
}

using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="KeepBestPolicy"/>.</summary>
public sealed record KeepBestOptions
{
    /// <summary>The metric, one of a checkpoint's <c>global_metrics</c>.</summary>
    /// <value>Required.</value>
    [Required]
    public string? Metric { get; init; }

    /// <summary>Whether larger or smaller values are better.</summary>
    /// <value>Default <see cref="MetricMode.Max"/>.</value>
    public MetricMode Mode { get; init; } = MetricMode.Max;

    /// <summary>How many.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, int.MaxValue)]
    public int Count { get; init; } = 1;
}

/// <summary>
/// Keeps the best by a metric, final ones among them; of equal ones the newer. A checkpoint without the metric, or where it is not a
/// number or infinite, is none of them.
/// </summary>
/// <param name="options">How many, by which metric.</param>
[Plugin("keep-best", Description = "Keeps the best checkpoints by a metric.")]
public sealed class KeepBestPolicy(KeepBestOptions options) : IKeepOnly
{
    private readonly KeepBestOptions _options = options.Checked();

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        _options.Mode.Rank(saved, _options.Metric!).Take(_options.Count).Select(checkpoint => checkpoint.Id);
}

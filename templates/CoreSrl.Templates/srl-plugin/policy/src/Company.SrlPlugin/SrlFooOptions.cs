using System.ComponentModel.DataAnnotations;

namespace Company.SrlPlugin;

/// <summary>The options of <see cref="SrlFooPolicy"/>.</summary>
public sealed record SrlFooOptions
{
    /// <summary>The metric, one of a checkpoint's <c>global_metrics</c>.</summary>
    /// <value>Default <c>avg_reward</c>.</value>
    [Required]
    public string Metric { get; init; } = "avg_reward";

    /// <summary>How far apart the milestones are, in units of the metric.</summary>
    /// <value>Default 0.1; above 0.</value>
    [Range(1e-9, 1e9)]
    public double Step { get; init; } = 0.1;
}

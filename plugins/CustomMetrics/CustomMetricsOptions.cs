using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.CustomMetrics;

/// <summary>The options of the <c>custom-metrics</c> contributor.</summary>
public sealed record CustomMetricsOptions
{
    /// <summary>How many episodes <c>convergence_rate</c> looks back, and how many at most are averaged at either end of the run for
    /// <c>training_efficiency</c>.</summary>
    /// <value>Default 50; 3 to 10000. The rewards of twice as many episodes travel in every checkpoint.</value>
    [Range(3, 10_000)]
    public int Window { get; init; } = 50;
}

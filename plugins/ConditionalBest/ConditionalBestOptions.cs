using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.ConditionalBest;

/// <summary>The options of <see cref="ConditionalBest"/>.</summary>
public sealed record ConditionalBestOptions : IValidatableObject
{
    /// <summary>The metric, one of a checkpoint's <c>global_metrics</c>.</summary>
    /// <value>Required.</value>
    [Required]
    public string? Metric { get; init; }

    /// <summary>Whether larger or smaller values are better.</summary>
    /// <value>Default <see cref="MetricMode.Max"/>.</value>
    public MetricMode Mode { get; init; } = MetricMode.Max;

    /// <summary>By how much a value must be better than the best so far, in units of the metric.</summary>
    /// <value>Default 0: by anything at all. At least 0.</value>
    [Range(0.0, 1e300)]
    public double MinImprovement { get; init; }

    /// <summary>
    /// For how many episodes behind the newest best every improvement counts, however small. Only when that many have gone by without
    /// one, <see cref="MinImprovement"/> is asked for: while it goes up, each step is saved; on a plateau, noise is not.
    /// It never stops training.
    /// </summary>
    /// <value>Default 0: <see cref="MinImprovement"/> is always asked for. Needs a <see cref="MinImprovement"/> above 0.</value>
    [Range(0L, 1_000_000_000_000L)]
    public long Patience { get; init; }

    /// <summary>How many of the best are kept, of those that this policy has tagged.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, int.MaxValue)]
    public int Keep { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Patience > 0 && MinImprovement == 0)
            yield return new("without a MinImprovement above 0 there is nothing to be patient about: every improvement counts", [nameof(Patience)]);
    }
}

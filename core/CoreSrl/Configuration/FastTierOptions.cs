using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Configuration;

/// <summary>The plain options of a storage in two tiers.</summary>
public sealed record FastTierOptions
{
    /// <summary>How many of the newest checkpoints stay in the fast tier once they are durable.</summary>
    /// <value>Default 2; at least 1.</value>
    [Range(1, int.MaxValue)]
    public int Keep { get; init; } = 2;
}

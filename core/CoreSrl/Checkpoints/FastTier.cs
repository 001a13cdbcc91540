using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>
/// A quick storage before the durable one, a disk of this machine say: checkpoints are committed there, and copied to the durable one
/// behind training. What is there and not yet durable is never removed, unless the durable one holds newer ones on whose account no
/// policy would keep it.
/// </summary>
/// <param name="Storage">Where; a directory of its own, for this run's processes alone.</param>
public sealed record FastTier(ICheckpointStorage Storage)
{
    /// <summary>How many of the newest stay there once they are durable.</summary>
    /// <value>Default 2; at least 1.</value>
    public int Keep { get; init; } = 2;
}

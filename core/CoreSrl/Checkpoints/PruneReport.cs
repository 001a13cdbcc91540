using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>What pruning removed, or would remove.</summary>
public sealed record PruneReport
{
    /// <summary>The run whose checkpoints were looked at.</summary>
    public required string RunId { get; init; }

    /// <summary>The checkpoints that went, newest first.</summary>
    public required IReadOnlyList<SavedCheckpoint> Removed { get; init; }

    /// <summary>The digests of the base weights that went with their last checkpoint.</summary>
    public required IReadOnlyList<string> BaseWeightsRemoved { get; init; }

    /// <summary>How many bytes that frees, base weights included.</summary>
    public required long BytesFreed { get; init; }

    /// <summary>How many checkpoints the run has left.</summary>
    public required int Left { get; init; }
}

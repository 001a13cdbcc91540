using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>How many bytes a checkpoint directory takes, and for what.</summary>
/// <param name="Checkpoints">The checkpoints, newest first, each with the bytes in its folder.</param>
/// <param name="BaseWeights">The shared base weights, by digest.</param>
/// <param name="OtherBytes">What belongs to neither: the claim, checkpoints that are damaged, what other programs put there.</param>
public sealed record StorageUsage(
    IReadOnlyList<(SavedCheckpoint Checkpoint, long Bytes)> Checkpoints, IReadOnlyDictionary<string, long> BaseWeights, long OtherBytes)
{
    /// <summary>The checkpoints that pruning would remove now, newest first.</summary>
    public IReadOnlyList<string> Prunable { get; init; } = [];

    /// <summary>What pruning would free: those checkpoints, and the base weights that only they refer to.</summary>
    public long PrunableBytes { get; init; }

    /// <summary>All bytes of the checkpoints together.</summary>
    public long CheckpointBytes => Checkpoints.Sum(checkpoint => checkpoint.Bytes);

    /// <summary>All bytes of the shared base weights together.</summary>
    public long BaseWeightBytes => BaseWeights.Values.Sum();

    /// <summary>Everything in the directory.</summary>
    public long TotalBytes => CheckpointBytes + BaseWeightBytes + OtherBytes;
}

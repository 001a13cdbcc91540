namespace CoreSrl.Checkpoints;

/// <summary>How far copying checkpoints is.</summary>
/// <param name="CheckpointId">The checkpoint whose turn it is.</param>
/// <param name="Bytes">How many bytes are done: copied, or found there already.</param>
/// <param name="TotalBytes">How many there are in all, shared base weights counted once.</param>
public sealed record CopyProgress(string CheckpointId, long Bytes, long TotalBytes);

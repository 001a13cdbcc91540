namespace CoreSrl.Checkpoints;

/// <summary>How far work on checkpoints is: copying, verifying, exporting.</summary>
/// <param name="CheckpointId">The checkpoint whose turn it is.</param>
/// <param name="Bytes">How many bytes are done: copied or read, or found to need neither.</param>
/// <param name="TotalBytes">How many there are in all, shared base weights counted once.</param>
public sealed record CheckpointProgress(string CheckpointId, long Bytes, long TotalBytes);

namespace CoreSrl.Checkpoints;

/// <summary>What became of reading a checkpoint to its last byte.</summary>
/// <param name="Id">The checkpoint.</param>
/// <param name="Problems">What is wrong, one entry per file; empty when nothing is.</param>
public sealed record CheckpointVerdict(string Id, IReadOnlyList<DamagedCheckpointException> Problems)
{
    /// <summary>Whether every byte is what was written.</summary>
    public bool IsWhole => Problems.Count == 0;
}

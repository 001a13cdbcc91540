namespace CoreSrl.Checkpoints.Policies;

/// <summary>What happens when a checkpoint is due while those before are still being written and no more can wait for their turn.</summary>
public enum WhenBusy
{
    /// <summary>Training waits until one is written: every checkpoint that was due is taken.</summary>
    Wait,

    /// <summary>Training goes on, and the checkpoint is not taken; the next one that is records it in <c>skipped_saves</c>.</summary>
    Skip,
}

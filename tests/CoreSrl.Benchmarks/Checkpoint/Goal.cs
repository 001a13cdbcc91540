namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>A figure, and how large or small it is to be.</summary>
/// <param name="Field">What it is called for machines.</param>
/// <param name="Name">What it is called for people.</param>
/// <param name="Value">As measured.</param>
/// <param name="Bound">What is to be reached.</param>
/// <param name="AtMost">Whether less is better.</param>
internal sealed record Goal(string Field, string Name, double Value, double Bound, bool AtMost = false)
{
    public bool IsReached => AtMost ? Value <= Bound : Value >= Bound;

    /// <summary>The goals of a workload of large tensors, as ratios of medians.</summary>
    public static IReadOnlyList<Goal> Of(WorkloadResult result)
    {
        return
        [
            new("held_up_over_memcpy", "time held up / memcpy", 1 / Speed(WorkloadRun.HeldUp, WorkloadRun.Copy), 1.25, AtMost: true),
            new("durable_over_raw_write", "durable save / raw write + fsync", Speed(WorkloadRun.DurableSave, WorkloadRun.RawWrite), 0.9),
            new("durable_over_module_save", "durable save / Module.save", Speed(WorkloadRun.DurableSave, WorkloadRun.ModuleSave), 2),
            new("load_over_raw_read", "verified load / raw read, one thread", Speed(WorkloadRun.Load, WorkloadRun.RawRead), 0.8),
            new("load_over_module_load", "verified load / Module.load", Speed(WorkloadRun.Load, WorkloadRun.ModuleLoad), 2),
        ];

        // How many times as fast as another.
        double Speed(string name, string other) => result.Median(other) / result.Median(name);
    }
}

using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>A workload as measured.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">The size of its tensors.</param>
/// <param name="ExtraBytes">The most memory that saves took beyond what the process held before the first.</param>
/// <param name="Peer">PyTorch's version, if it was measured.</param>
/// <param name="Measurements">Milliseconds.</param>
internal sealed record WorkloadResult(string Name, long Bytes, long ExtraBytes, string? Peer, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>The median time of a quantity, in milliseconds.</summary>
    public double Median(string name) => Measurements.Single(measured => measured.Name == name).Median;
}

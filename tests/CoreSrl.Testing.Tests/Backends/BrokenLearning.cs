using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

internal sealed class LearnsInACopy(ModelContext context) : TableModel(context)
{
    public override async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        var before = Parameters.Select(Bytes).ToList();
        var norm = await base.ApplyGradientsAsync(settings, cancellationToken);
        foreach (var (parameter, bytes) in Parameters.Zip(before))
            parameter.CopyFrom(0, bytes);
        return norm;
    }

    private static byte[] Bytes(StateTensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteLength];
        tensor.CopyTo(0, bytes);
        return bytes;
    }
}

/// <summary>A running count that is declared as frozen, so that no checkpoint holds it.</summary>
internal sealed class CountsInFrozen(ModelContext context) : TableModel(context)
{
    private readonly ArrayTensor _count = ArrayTensor.Of(TensorPart.Frozen, "batches_tracked", 0);

    public override IReadOnlyList<StateTensor> Tensors => [.. base.Tensors, _count];

    public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        _count.Floats[0]++;
        return base.ApplyGradientsAsync(settings, cancellationToken);
    }
}

internal sealed class NoisyReport(ModelContext context) : TableModel(context)
{
    protected override async ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
    {
        var report = await base.LearnAsync(batch, cancellationToken);
        return report with { PolicyLoss = report.PolicyLoss + Random.Shared.NextDouble() };
    }
}

internal sealed class ClippedInPercent(ModelContext context) : TableModel(context)
{
    protected override async ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) =>
        await base.LearnAsync(batch, cancellationToken) with { ClipFraction = 12.5 };
}

/// <summary>Normalises advantages once more.</summary>
internal sealed class DividesBySpread(ModelContext context) : TableModel(context)
{
    public override ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        var mean = batch.Experiences.Average(experience => experience.Advantage);
        var spread = Math.Sqrt(batch.Experiences.Average(experience => Math.Pow(experience.Advantage - mean, 2)));
        return base.ComputeGradientsAsync(
            batch with { Experiences = [.. batch.Experiences.Select(experience => experience with { Advantage = (experience.Advantage - mean) / spread })] }, pass, cancellationToken);
    }
}

internal sealed class NeedsTwo(ModelContext context) : TableModel(context)
{
    public override ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken) =>
        base.ComputeGradientsAsync(batch.Experiences.Count < 2 ? throw new ArgumentException("One experience has no spread.", nameof(batch)) : batch, pass, cancellationToken);
}

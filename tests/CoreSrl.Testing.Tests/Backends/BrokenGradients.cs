using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

internal sealed class CopiedParameters(ModelContext context) : TableModel(context)
{
    public override IReadOnlyList<StateTensor> Parameters => [.. base.Parameters.Select(parameter => ArrayTensor.Of(parameter.Part, parameter.Info.Name, ((ArrayTensor)parameter).Floats.ToArray()))];
}

internal sealed class GradientsBackwards(ModelContext context) : TableModel(context)
{
    public override IReadOnlyList<StateTensor> Gradients => [.. base.Gradients.Reverse()];
}

internal sealed class CountsComputing(ModelContext context) : TableModel(context)
{
    public override ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        Steps++;
        return base.ComputeGradientsAsync(batch, pass, cancellationToken);
    }
}

/// <summary>Clears gradients behind the step and not before the next computation.</summary>
internal sealed class AddsGradients(ModelContext context) : TableModel(context)
{
    public override async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        var norm = await base.ApplyGradientsAsync(settings, cancellationToken);
        base.ClearGradients();
        return norm;
    }

    protected override void ClearGradients()
    {
    }
}

internal sealed class AppliesItsOwn(ModelContext context) : TableModel(context)
{
    private float[] _own = [];

    public override async ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        var report = await base.ComputeGradientsAsync(batch, pass, cancellationToken);
        _own = ((ArrayTensor)Gradients[0]).Floats.ToArray();
        return report;
    }

    public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        _own.CopyTo(((ArrayTensor)Gradients[0]).Floats);
        return base.ApplyGradientsAsync(settings, cancellationToken);
    }
}

internal sealed class ClippedNorm(ModelContext context) : TableModel(context)
{
    public override async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken) =>
        Math.Min(settings.MaxGradientNorm, await base.ApplyGradientsAsync(settings, cancellationToken));
}

internal sealed class OnePass(ModelContext context) : TableModel(context)
{
    protected override ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) =>
        base.LearnAsync(batch with { Settings = batch.Settings with { Passes = 1 } }, cancellationToken);
}

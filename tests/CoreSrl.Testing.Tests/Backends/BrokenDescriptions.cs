using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

internal sealed class RandomStart : TableModel
{
    public RandomStart(ModelContext context)
        : base(context) => Table.Floats[0] = Random.Shared.NextSingle();
}

internal sealed class NestedDescription(ModelContext context) : TableModel(context)
{
    public override ModelDescription Description => base.Description with { Architecture = new() { ["Layers"] = new JsonArray(16, 4) } };
}

internal sealed class DescribesItsSteps(ModelContext context) : TableModel(context)
{
    public override ModelDescription Description => base.Description with { Architecture = new() { ["Size"] = 16, ["Trained"] = Momentum.Floats[0] != 0 || Learned }, };

    private bool Learned { get; set; }

    public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        Learned = true;
        return base.ApplyGradientsAsync(settings, cancellationToken);
    }
}

internal sealed class SameNameTwice(ModelContext context) : TableModel(context)
{
    private readonly ArrayTensor _one = ArrayTensor.Of(TensorPart.Weights, "scale", 1);
    private readonly ArrayTensor _other = ArrayTensor.Of(TensorPart.Weights, "scale", 2);

    public override IReadOnlyList<StateTensor> Tensors => [.. base.Tensors, _one, _other];
}

internal sealed class OtherOrderOnceLearned(ModelContext context) : TableModel(context)
{
    public override IReadOnlyList<StateTensor> Tensors => Steps == 0 ? base.Tensors : [.. base.Tensors.Reverse()];
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>Remembers how many steps its models have taken; the more, the smaller they are.</summary>
internal sealed class CountingBackend(Memory memory) : IModelBackend, IStatefulPlugin
{
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new SmallerSteps(context, memory));
    }

    public JsonNode? CaptureState() => memory.CaptureState();

    public void RestoreState(JsonNode? state) => memory.RestoreState(state);

    private sealed class SmallerSteps(ModelContext context, Memory memory) : TableModel(context)
    {
        public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return base.ApplyGradientsAsync(settings with { LearningRate = settings.LearningRate / memory.Next() }, cancellationToken);
        }
    }
}

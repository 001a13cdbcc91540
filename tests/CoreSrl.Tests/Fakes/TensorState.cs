using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Tensors and nothing else.</summary>
internal sealed class TensorState(params ManagedTensor[] tensors) : IStateful
{
    public ModelDescription Description { get; } = new() { Kind = "tensors", Architecture = [] };

    public IReadOnlyList<StateTensor> Tensors => tensors;

    public JsonObject CaptureState() => [];

    public void RestoreState(JsonObject state)
    {
        // There is none.
    }
}

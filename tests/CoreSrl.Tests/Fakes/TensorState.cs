using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Tensors, perhaps an adapter's description, and nothing else.</summary>
internal sealed class TensorState(params IReadOnlyList<ManagedTensor> tensors) : IStateful
{
    /// <summary>What the adapter is; null for none.</summary>
    public JsonObject? Adapter { get; init; }

    public ModelDescription Description => new() { Kind = "tensors", Architecture = [], Adapter = Adapter };

    public IReadOnlyList<StateTensor> Tensors => tensors;

    public JsonObject CaptureState() => [];

    public void RestoreState(JsonObject state)
    {
        // There is none.
    }
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Torch.Tests.State;

/// <summary>What a checkpoint holds of something stateful: each tensor's bytes, and the JSON as text.</summary>
internal sealed record Snapshot(IReadOnlyList<(TensorPart Part, TensorInfo Info, byte[] Bytes)> Tensors, string Json)
{
    public static Snapshot Of(IStateful live) => new(
        [.. live.Tensors.Select(tensor => (tensor.Part, tensor.Info, tensor.Bytes()))], live.CaptureState().ToJsonString());

    public void PutInto(IStateful live)
    {
        live.RestoreState(JsonNode.Parse(Json)!.AsObject());
        var tensors = live.Tensors;
        Assert.Equal(Tensors.Select(tensor => (tensor.Part, tensor.Info)), tensors.Select(tensor => (tensor.Part, tensor.Info)));
        foreach (var (tensor, stored) in tensors.Zip(Tensors))
            tensor.CopyFrom(0, stored.Bytes);
    }

    public void AssertSame(Snapshot other)
    {
        Assert.Equal(Json, other.Json);
        Assert.Equal(Tensors.Select(tensor => tensor.Info), other.Tensors.Select(tensor => tensor.Info));
        foreach (var (one, another) in Tensors.Zip(other.Tensors))
            Assert.True(one.Bytes.AsSpan().SequenceEqual(another.Bytes), $"{one.Info} differs");
    }

    public IEnumerable<string> Names(params TensorPart[] parts) =>
        Tensors.Where(tensor => parts.Contains(tensor.Part)).Select(tensor => tensor.Info.Name);
}

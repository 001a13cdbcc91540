using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a checkpoint holds of a model: its state as text and copies of the tensors that training changes.</summary>
internal sealed class CapturedModel
{
    private readonly string _state;
    private readonly IReadOnlyList<(TensorPart Part, string Name, IReadOnlyList<byte[]> Pieces)> _tensors;

    public CapturedModel(IModel model)
    {
        _state = model.CaptureState().ToJsonString();
        _tensors = [.. model.Tensors.Where(tensor => tensor.Part != TensorPart.Frozen).Select(tensor => (tensor.Part, tensor.Info.Name, (IReadOnlyList<byte[]>)[.. ModelBits.Pieces(tensor)]))];
    }

    /// <summary>Puts a model into that state, as the engine does: the JSON before the tensors.</summary>
    public void RestoreInto(IModel model)
    {
        model.RestoreState(JsonNode.Parse(_state)!.AsObject());
        var tensors = model.Tensors.Where(tensor => tensor.Part != TensorPart.Frozen).ToDictionary(tensor => (tensor.Part, tensor.Info.Name));
        foreach (var (part, name, pieces) in _tensors)
        {
            var offset = 0L;
            foreach (var piece in pieces)
            {
                tensors[(part, name)].CopyFrom(offset, piece);
                offset += piece.Length;
            }
        }
    }
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a checkpoint holds of a model: its state as text and copies of its tensors.</summary>
internal sealed class CapturedModel
{
    private readonly string _state;
    private readonly ILookup<(TensorPart, string), IReadOnlyList<byte[]>> _tensors;

    /// <summary>Captures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="frozen">Whether to copy also what training never changes, which a checkpoint refers to and does not hold.</param>
    public CapturedModel(IModel model, bool frozen = false)
    {
        _state = model.CaptureState().ToJsonString();
        _tensors = model.Tensors.Where(tensor => frozen || tensor.Part != TensorPart.Frozen)
            .ToLookup(tensor => (tensor.Part, tensor.Info.Name), tensor => (IReadOnlyList<byte[]>)[.. ModelBits.Pieces(tensor)]);
    }

    /// <summary>Puts a model into that state, as the engine does: the JSON before the tensors.</summary>
    public void RestoreInto(IModel model)
    {
        model.RestoreState(JsonNode.Parse(_state)!.AsObject());
        foreach (var same in model.Tensors.GroupBy(tensor => (tensor.Part, tensor.Info.Name)))
        {
            foreach (var (tensor, pieces) in same.Zip(_tensors[same.Key]))
            {
                var offset = 0L;
                foreach (var piece in pieces)
                {
                    tensor.CopyFrom(offset, piece);
                    offset += piece.Length;
                }
            }
        }
    }
}

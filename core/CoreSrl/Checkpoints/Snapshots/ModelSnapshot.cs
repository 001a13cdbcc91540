using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints.Snapshots;

/// <summary>One model as it was at an episode boundary.</summary>
internal sealed record ModelSnapshot
{
    /// <summary>The model's id.</summary>
    public required string Id { get; init; }

    /// <summary>The live model.</summary>
    public required IStateful Source { get; init; }

    /// <summary>What the model is.</summary>
    public required ModelDescription Description { get; init; }

    /// <summary>Copies of the tensors that training changes, by part.</summary>
    public required ILookup<TensorPart, TensorBytes> Tensors { get; init; }

    /// <summary>The live tensors that training never changes; not copied.</summary>
    public required IReadOnlyList<StateTensor> Frozen { get; init; }

    /// <summary>What the model remembers beside its tensors.</summary>
    public required JsonObject State { get; init; }

    /// <summary>Puts the model back to where it was.</summary>
    public void Restore()
    {
        Source.RestoreState(State.DeepClone().AsObject());
        foreach (var part in Tensors)
        {
            foreach (var (tensor, copy) in Source.Tensors.Where(tensor => tensor.Part == part.Key).Zip(part))
            {
                var offset = 0L;
                foreach (var piece in copy.Content)
                {
                    tensor.CopyFrom(offset, piece.Span);
                    offset += piece.Length;
                }
            }
        }
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Formats;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>Reads tensors of files into torch.</summary>
internal static class StoredTensors
{
    private const int PieceLength = 64 << 20;

    /// <summary>A tensor's elements, in its own type, in memory.</summary>
    public static async Task<Tensor> ReadAsync(TensorFile file, StoredTensor stored, CancellationToken cancellationToken)
    {
        var tensor = empty([.. stored.Info.Shape], stored.Info.Type.ToScalarType()).DetachFromDisposeScope();
        try
        {
            var target = new TorchTensor(TensorPart.Frozen, stored.Info.Name, tensor);
            for (var offset = 0L; offset < stored.Info.ByteLength; offset += PieceLength)
            {
                target.TryGetMemory(offset, (int)Math.Min(PieceLength, stored.Info.ByteLength - offset), out var piece);
                await file.ReadAsync(stored, offset, piece, cancellationToken).ConfigureAwait(false);
            }

            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>All that a model's table of tensors and its state show, to the bit.</summary>
/// <param name="Tensors">The tensors with digests of their bytes.</param>
/// <param name="State">What is remembered beside them.</param>
internal sealed record ModelBits(IReadOnlyList<(TensorPart Part, TensorInfo Info, string Digest)> Tensors, string State)
{
    private const int Piece = 1 << 20;

    public static ModelBits Of(IModel model)
    {
        var state = model.CaptureState().ToJsonString();
        var tensors = model.Tensors.OrderBy(tensor => tensor.Part).ThenBy(tensor => tensor.Info.Name, StringComparer.Ordinal);
        return new([.. tensors.Select(tensor => (tensor.Part, tensor.Info, Digest(tensor)))], state);
    }

    /// <summary>Where another's bits differ first; null when they do not.</summary>
    public string? Difference(ModelBits other)
    {
        if (Tensors.Count != other.Tensors.Count)
            return $"there are {other.Tensors.Count} tensors in place of {Tensors.Count}";
        foreach (var (mine, others) in Tensors.Zip(other.Tensors))
        {
            if ((mine.Part, mine.Info) != (others.Part, others.Info))
                return $"there is {others.Part} {others.Info} in place of {mine.Part} {mine.Info}";
            if (mine.Digest != others.Digest)
                return $"{mine.Part} {mine.Info} has other bits";
        }

        return State == other.State ? null : $"the state is {other.State} in place of {State}";
    }

    /// <summary>Those of some parts alone, without the state.</summary>
    public ModelBits Only(params TensorPart[] parts) => new([.. Tensors.Where(tensor => parts.Contains(tensor.Part))], "");

    /// <summary>Those that training changes, without the state.</summary>
    public ModelBits Changing() => Only(TensorPart.Weights, TensorPart.Adapter, TensorPart.OptimizerState);

    /// <summary>One digest of all.</summary>
    public string Digest() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Tensors.Select(tensor => tensor.Digest)) + State)));

    public static string Digest(StateTensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in Pieces(tensor))
            hash.AppendData(piece);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A tensor's bytes, piece by piece.</summary>
    public static IEnumerable<byte[]> Pieces(StateTensor tensor)
    {
        for (var offset = 0L; offset < tensor.Info.ByteLength; offset += Piece)
        {
            var bytes = new byte[Math.Min(Piece, tensor.Info.ByteLength - offset)];
            tensor.CopyTo(offset, bytes);
            yield return bytes;
        }
    }
}

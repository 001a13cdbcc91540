using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// Rotary position embedding: the pair (i, i + d/2) of a head's d elements is turned by the angle position · θ^(-2i/d).
/// </summary>
/// <remarks>Su et al. 2021, "RoFormer", arXiv:2104.09864, section 3.2, with the halves paired as in Hugging Face's models.</remarks>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _frequencies;

    /// <summary>Prepares the frequencies.</summary>
    /// <param name="headDim">d, even.</param>
    /// <param name="theta">θ, the base of the wavelengths.</param>
    /// <param name="device">Where the tensors to turn lie.</param>
    public RotaryEmbedding(int headDim, double theta, Device device)
    {
        var frequencies = new float[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = (float)Math.Pow(theta, -2.0 * i / headDim);
        _frequencies = tensor(frequencies, device: device).DetachFromDisposeScope();
    }

    /// <summary>The cosines and sines of positions [B, T], each [B, T, 1, d/2].</summary>
    public (Tensor Cosine, Tensor Sine) At(Tensor positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        var angles = positions.to(float32).unsqueeze(-1).unsqueeze(-1).mul(_frequencies);
        return (angles.cos(), angles.sin());
    }

    /// <summary>Turns <paramref name="heads"/> [B, T, heads, d] by the angles that <see cref="At"/> gave.</summary>
    public static Tensor Rotate(Tensor heads, (Tensor Cosine, Tensor Sine) angles)
    {
        ArgumentNullException.ThrowIfNull(heads);
        var half = heads.shape[^1] / 2;
        var (a, b) = (heads.narrow(-1, 0, half), heads.narrow(-1, half, half));
        return cat(
            [
                a.mul(angles.Cosine).addcmul_(b, angles.Sine, Number.Of(-1)),
                b.mul(angles.Cosine).addcmul_(a, angles.Sine, Number.One),
            ],
            -1);
    }

    /// <inheritdoc/>
    public void Dispose() => _frequencies.Dispose();
}

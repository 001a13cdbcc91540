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
    /// <param name="scaling">How the wavelengths are stretched; null for not at all.</param>
    public RotaryEmbedding(int headDim, double theta, Device device, RopeScaling? scaling = null)
    {
        var frequencies = new float[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / headDim);
            frequencies[i] = (float)(scaling?.Apply(frequency) ?? frequency);
        }

        _frequencies = tensor(frequencies, device: device).DetachFromDisposeScope();
    }

    /// <summary>The cosines and sines of positions [B, T], each [B, T, 1, d]; the sines' first half is negative, as the first of a pair
    /// needs it.</summary>
    /// <param name="positions">Places in a text, from 0.</param>
    /// <param name="type">The type of what is to be turned; angles are float32.</param>
    public (Tensor Cosine, Tensor Sine) At(Tensor positions, ScalarType type = ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(positions);
        var angles = positions.to(float32).unsqueeze(-1).unsqueeze(-1).mul(_frequencies);
        var (cosine, sine) = (angles.cos(), angles.sin());
        return (cat([cosine, cosine], -1).to(type), cat([sine.neg(), sine], -1).to(type));
    }

    /// <summary>Turns <paramref name="heads"/> [B, T, heads, d] by the angles that <see cref="At"/> gave.</summary>
    public static Tensor Rotate(Tensor heads, (Tensor Cosine, Tensor Sine) angles)
    {
        ArgumentNullException.ThrowIfNull(heads);
        // A roll by half brings to each element the other of its pair; whole rows are quicker than two halves put together again.
        return heads.mul(angles.Cosine).addcmul_(heads.roll(heads.shape[^1] / 2, -1), angles.Sine, Number.One);
    }

    /// <inheritdoc/>
    public void Dispose() => _frequencies.Dispose();
}

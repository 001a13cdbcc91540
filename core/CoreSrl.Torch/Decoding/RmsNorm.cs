using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>Root-mean-square normalisation: y = x / √(mean(x²) + ε) · w, over the last dimension.</summary>
/// <param name="weight">w, one scale per element of the last dimension.</param>
/// <param name="epsilon">ε, which keeps a zero vector finite.</param>
/// <remarks>Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", arXiv:1910.07467, equation 4.</remarks>
public sealed class RmsNorm(Tensor weight, double epsilon)
{
    /// <summary>Normalises <paramref name="x"/>, of any shape whose last dimension is the weight's length.</summary>
    public Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        // In float32 whatever the weights' type, as in Hugging Face's models: eight bits of a square are too few to add up.
        var wide = x.to(float32);
        var scale = wide.mul(wide).mean([-1], keepdim: true).add_(Number.Of(epsilon), Number.One).rsqrt_();
        return wide.mul(scale).to(x.dtype).mul(weight);
    }
}

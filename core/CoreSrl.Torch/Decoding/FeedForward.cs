using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>The gated feed-forward network: down(silu(gate(x)) · up(x)).</summary>
/// <remarks>SwiGLU: Shazeer 2020, "GLU Variants Improve Transformer", arXiv:2002.05202, equation 6.</remarks>
internal sealed class FeedForward(Func<string, LoraLinear> projection)
{
    private readonly LoraLinear _gate = projection("gate_proj");
    private readonly LoraLinear _up = projection("up_proj");
    private readonly LoraLinear _down = projection("down_proj");

    /// <summary>Maps [N, hidden] to the same shape.</summary>
    public Tensor Forward(Tensor x, Generator? dropout) =>
        _down.Forward(_gate.Forward(x, dropout).silu().mul(_up.Forward(x, dropout)), dropout);
}

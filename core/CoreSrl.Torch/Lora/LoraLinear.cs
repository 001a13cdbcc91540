using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CoreSrl.Torch;

/// <summary>
/// A linear map whose frozen weight W may carry a low-rank adapter: y = x Wᵀ + b + (α/r) · dropout(x) Aᵀ Bᵀ. With B = 0, as at the
/// start, it is the frozen map alone.
/// </summary>
/// <remarks>Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685, equation 3 and section 4.1.</remarks>
public sealed class LoraLinear
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly Tensor? _a;
    private readonly Tensor? _b;
    private readonly float _scale;
    private readonly double _dropout;

    // Forward and backward through A and B take 3r(outputs + inputs) multiplications per row; the gradient of a merged weight
    // W + (α/r) B A takes outputs · inputs. Where that is less, merging is the quicker way to the same values.
    private readonly bool _isSmall;

    /// <summary>A frozen map.</summary>
    /// <param name="weight">W, [outputs, inputs].</param>
    /// <param name="bias">b, [outputs]; null for none.</param>
    public LoraLinear(Tensor weight, Tensor? bias = null) => (_weight, _bias) = (weight, bias);

    /// <summary>A frozen map with an adapter.</summary>
    /// <param name="weight">W, [outputs, inputs].</param>
    /// <param name="a">A, [r, inputs].</param>
    /// <param name="b">B, [outputs, r].</param>
    /// <param name="scale">α/r, or α/√r when rank-stabilized.</param>
    /// <param name="dropout">The share of inputs that the adapter does not see while it learns, 0 to below 1.</param>
    /// <param name="bias">b, [outputs]; null for none.</param>
    public LoraLinear(Tensor weight, Tensor a, Tensor b, double scale, double dropout, Tensor? bias = null)
        : this(weight, bias)
    {
        _a = a;
        _b = b;
        _scale = (float)scale;
        _dropout = dropout;
        var (outputs, inputs, rank) = (weight.shape[0], weight.shape[1], a.shape[0]);
        _isSmall = outputs * inputs <= 3 * rank * (outputs + inputs);
    }

    /// <summary>Maps <paramref name="x"/> [N, inputs] to [N, outputs].</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="dropout">Draws what is dropped; null drops nothing.</param>
    public Tensor Forward(Tensor x, Generator? dropout)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_a is null || _b is null)
            return functional.linear(x, _weight, _bias);
        if (_dropout == 0 && _isSmall && _weight.dtype == _a.dtype)
            return functional.linear(x, addmm(_weight, _b, _a, 1, _scale), _bias);
        var seen = x;
        if (dropout is not null && _dropout > 0)
        {
            // The scale keeps the expectation: Srivastava et al. 2014, "Dropout", section 10.
            seen = x.mul(empty_like(x, requires_grad: false).bernoulli_(1 - _dropout, dropout).div_(Number.Of(1 - _dropout)));
        }

        if (_weight.dtype != _a.dtype) // The adapter learns in float32 beside a base of half the width, as with PEFT.
            return functional.linear(x, _weight, _bias).add(functional.linear(functional.linear(seen.to(_a.dtype), _a), _b).to(x.dtype), Number.Of(_scale));
        return addmm(functional.linear(x, _weight, _bias), functional.linear(seen, _a), _b.t(), 1, _scale);
    }
}

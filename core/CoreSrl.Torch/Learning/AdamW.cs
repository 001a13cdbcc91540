using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>Adam with decoupled weight decay. Its moments exist, as zeros, from the start and are updated in place.</summary>
/// <remarks>Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", arXiv:1711.05101, algorithm 2, with the schedule
/// multiplier folded into the learning rate, and with the decay scaled by the learning rate as PyTorch does.</remarks>
public sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly FlatParameters _parameters;
    private readonly double _weightDecay;

    /// <summary>An optimizer before its first step.</summary>
    /// <param name="parameters">What it updates.</param>
    /// <param name="weightDecay">λ: each step scales the parameters by 1 - learning rate · λ; at least 0.</param>
    public AdamW(FlatParameters parameters, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = parameters;
        _weightDecay = weightDecay;
        using var scope = NewDisposeScope();
        var (first, second) = (zeros_like(parameters.Values), zeros_like(parameters.Values));
        (FirstMoment, SecondMoment) = (first.DetachFromDisposeScope(), second.DetachFromDisposeScope());
    }

    /// <summary>The running mean of the gradients (<c>exp_avg</c>), laid out as the parameters.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>The running mean of their squares (<c>exp_avg_sq</c>), laid out as the parameters.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>The steps taken; set on resume.</summary>
    public long Steps { get; set; }

    /// <summary>Scales the gradients down to a norm, if theirs is longer.</summary>
    /// <returns>Their Euclidean norm before; NaN or infinite if one of them is, and then they are left as they are.</returns>
    /// <remarks>Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.</remarks>
    public double ClipGradients(double maxNorm)
    {
        using var scope = NewDisposeScope();
        var norm = (double)_parameters.Gradients.norm().item<float>();
        if (double.IsFinite(norm) && norm > maxNorm)
        {
            using var scale = Number.Once(maxNorm / norm);
            _parameters.Gradients.mul_(scale);
        }

        return norm;
    }

    /// <summary>Takes one step along the gradients.</summary>
    /// <param name="learningRate">α, at least 0.</param>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        Steps++;
        var (theta, g, m, v) = (_parameters.Values, _parameters.Gradients, FirstMoment, SecondMoment);
        if (_weightDecay > 0)
        {
            using var decay = Number.Once(1 - (learningRate * _weightDecay));
            theta.mul_(decay);
        }

        m.mul_(Number.Of(Beta1)).add_(g, alpha: Number.Of(1 - Beta1));
        v.mul_(Number.Of(Beta2)).addcmul_(g, g, Number.Of(1 - Beta2));
        using var step = Number.Once(-learningRate / (1 - Math.Pow(Beta1, Steps)));
        using var secondBias = Number.Once(Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        theta.addcdiv_(m, v.sqrt().div_(secondBias).add_(Number.Of(Epsilon), Number.One), step);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}

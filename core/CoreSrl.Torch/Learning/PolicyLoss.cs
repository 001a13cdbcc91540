using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// The clipped surrogate loss with an entropy bonus, over M actions: Σ w · (-min(ρA, clip(ρ, 1-ε, 1+ε)A) - βH).
/// </summary>
/// <remarks>Schulman et al. 2017, "Proximal Policy Optimization Algorithms", arXiv:1707.06347, equations 7 and 9.</remarks>
public static class PolicyLoss
{
    /// <summary>Computes the loss and what is reported of it. Every argument tensor is float32[M].</summary>
    /// <param name="logProbability">log π(a|s): of each action under the present policy; carries the gradient.</param>
    /// <param name="oldLogProbability">log π_old(a|s): of the same action when it was taken.</param>
    /// <param name="advantage">A.</param>
    /// <param name="entropy">H: of the present policy at each action, in nats; carries the gradient.</param>
    /// <param name="weight">w: each action's share in the mean.</param>
    /// <param name="clipRange">ε.</param>
    /// <param name="entropyCoefficient">β.</param>
    public static PolicyLossTerms Compute(
        Tensor logProbability,
        Tensor oldLogProbability,
        Tensor advantage,
        Tensor entropy,
        Tensor weight,
        double clipRange,
        double entropyCoefficient)
    {
        // ρ = π(a|s) / π_old(a|s)
        var ratio = (logProbability - oldLogProbability).exp();

        // L_CLIP = min(ρA, clip(ρ, 1-ε, 1+ε)A), equation 7
        var clippedRatio = ratio.clamp(Number.Of(1 - clipRange), Number.Of(1 + clipRange));
        var surrogate = minimum(ratio * advantage, clippedRatio * advantage);

        // loss = -L_CLIP - βH, equation 9 without a value function
        var policyLoss = -(weight * surrogate).sum();
        var meanEntropy = (weight * entropy).sum();
        var loss = policyLoss - meanEntropy.mul(Number.Of(entropyCoefficient));

        using var untracked = no_grad();
        var clipped = ratio.sub(Number.One).abs().gt(Number.Of(clipRange));
        return new PolicyLossTerms(loss, policyLoss.detach(), meanEntropy.detach(), clipped.sum());
    }
}

/// <summary>The loss of some actions; scalars, so that reading them waits for the device only once, at the end.</summary>
/// <param name="Loss">What to minimise; carries the gradient.</param>
/// <param name="PolicyLoss">The weighted surrogate loss, without the entropy bonus.</param>
/// <param name="Entropy">The weighted entropy, in nats.</param>
/// <param name="Clipped">How many actions' ratios left the clip range.</param>
public sealed record PolicyLossTerms(Tensor Loss, Tensor PolicyLoss, Tensor Entropy, Tensor Clipped);

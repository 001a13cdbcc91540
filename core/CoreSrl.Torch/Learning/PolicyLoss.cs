using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// The clipped surrogate loss with a divergence from a base model and an entropy bonus, over M actions:
/// Σ w · (-min(ρA, clip(ρ, 1-ε, 1+ε')A) + βD - cH).
/// </summary>
/// <remarks>Schulman et al. 2017, "Proximal Policy Optimization Algorithms", arXiv:1707.06347, equations 7 and 9; Shao et al. 2024,
/// "DeepSeekMath", arXiv:2402.03300, equations 3 and 4; Yu et al. 2025, "DAPO", arXiv:2503.14476, equation 8.</remarks>
public static class PolicyLoss
{
    /// <summary>Computes the loss and what is reported of it.</summary>
    /// <param name="actions">The actions.</param>
    /// <param name="settings">ε, ε', β and c.</param>
    public static PolicyLossTerms Compute(PolicyLossActions actions, LearningSettings settings)
    {
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(settings);
        var (advantage, weight) = (actions.Advantage, actions.Weight);
        var (lowest, highest) = (1 - settings.ClipRange, 1 + (settings.ClipRangeHigh ?? settings.ClipRange));

        // ρ = π(a|s) / π_old(a|s)
        var ratio = (actions.LogProbability - actions.OldLogProbability).exp();

        // L_CLIP = min(ρA, clip(ρ, 1-ε, 1+ε')A)
        var clippedRatio = ratio.clamp(Number.Of(lowest), Number.Of(highest));
        var surrogate = minimum(ratio * advantage, clippedRatio * advantage);

        // loss = -L_CLIP - cH
        var policyLoss = -(weight * surrogate).sum();
        var meanEntropy = (weight * actions.Entropy).sum();
        var loss = policyLoss - meanEntropy.mul(Number.Of(settings.EntropyCoefficient));

        Tensor? meanKl = null;
        if (actions.BaseLogProbability is { } baseLogProbability)
        {
            // D = π_base/π - log(π_base/π) - 1, equation 4 of DeepSeekMath
            var logRatio = baseLogProbability - actions.LogProbability;
            meanKl = (weight * (logRatio.exp() - logRatio - Number.One)).sum();
            loss = loss.add(meanKl.mul(Number.Of(settings.KlCoefficient)), Number.One);
        }

        using var untracked = no_grad();
        var clipped = ratio.lt(Number.Of(lowest)).logical_or(ratio.gt(Number.Of(highest)));
        return new PolicyLossTerms(loss, policyLoss.detach(), meanEntropy.detach(), meanKl?.detach(), clipped.sum());
    }
}

/// <summary>M actions to learn from; every tensor is float32[M].</summary>
public sealed record PolicyLossActions
{
    /// <summary>log π(a|s): of each action under the present policy; carries the gradient.</summary>
    public required Tensor LogProbability { get; init; }

    /// <summary>log π_old(a|s): of the same action when it was taken.</summary>
    public required Tensor OldLogProbability { get; init; }

    /// <summary>log π_base(a|s): of the same action under the base model; null where it does not matter.</summary>
    public Tensor? BaseLogProbability { get; init; }

    /// <summary>A.</summary>
    public required Tensor Advantage { get; init; }

    /// <summary>H: of the present policy at each action, in nats; carries the gradient, where there is a bonus for it.</summary>
    public required Tensor Entropy { get; init; }

    /// <summary>w: each action's share in the loss.</summary>
    public required Tensor Weight { get; init; }
}

/// <summary>The loss of some actions; scalars, so that reading them waits for the device only once, at the end.</summary>
/// <param name="Loss">What to minimise; carries the gradient.</param>
/// <param name="PolicyLoss">The weighted surrogate loss alone.</param>
/// <param name="Entropy">The weighted entropy, in nats.</param>
/// <param name="Kl">The weighted divergence from the base model, in nats; null where it does not matter.</param>
/// <param name="Clipped">How many actions' ratios left the clip range.</param>
public sealed record PolicyLossTerms(Tensor Loss, Tensor PolicyLoss, Tensor Entropy, Tensor? Kl, Tensor Clipped);

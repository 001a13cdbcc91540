namespace CoreSrl.Abstractions;

/// <summary>
/// The terms of one update. The loss of a batch is the sum over its actions, each with the share that <see cref="Aggregation"/> gives it,
/// of <c>-min(ρA, clip(ρ, 1-ε, 1+ε')A) + βD - cH</c>, with ρ the ratio of the present to the recorded probability of the action, A the
/// advantage, ε <see cref="ClipRange"/>, ε' <see cref="ClipRangeHigh"/>, D the divergence from the base model, β
/// <see cref="KlCoefficient"/>, H the entropy and c <see cref="EntropyCoefficient"/>.
/// </summary>
/// <remarks>Clipped surrogate and entropy bonus: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", arXiv:1707.06347,
/// equations 7 and 9. Group-relative advantages and the divergence: Shao et al. 2024, "DeepSeekMath", arXiv:2402.03300, section 4.1,
/// where D is the estimate <c>q/p - log(q/p) - 1</c> of KL(p‖q), never negative, from an action's probability p in the present model
/// and q in the base (equation 4). Two bounds: Yu et al. 2025, "DAPO", arXiv:2503.14476, section 3.1.</remarks>
public sealed record LearningSettings
{
    /// <summary>The step size of the optimizer now, at least 0: a schedule's factor is in it.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>What the schedule has multiplied <see cref="LearningRate"/> by, 0 to 1. A model with a step size of its own multiplies that
    /// by it.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>ε of the clipped ratio, above 0 and below 1.</summary>
    public double ClipRange { get; init; } = 0.2;

    /// <summary>ε', how far a ratio may rise, above 0; null for as far as it may fall.</summary>
    public double? ClipRangeHigh { get; init; }

    /// <summary>β, the weight of the divergence from the base model (its adapter off), at least 0. At 0 it need not be computed.</summary>
    public double KlCoefficient { get; init; }

    /// <summary>c, the weight of the entropy bonus, at least 0.</summary>
    public double EntropyCoefficient { get; init; } = 0.01;

    /// <summary>What share each action has in the loss.</summary>
    public LossAggregation Aggregation { get; init; } = LossAggregation.Answer;

    /// <summary>The norm to which longer gradients are scaled down, above 0.</summary>
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>How often one batch is gone over, one optimizer step each, at least 1.</summary>
    public int Passes { get; init; } = 1;
}

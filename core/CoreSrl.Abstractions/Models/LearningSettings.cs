namespace CoreSrl.Abstractions;

/// <summary>
/// The terms of one update. The loss of a batch is the mean over its experiences of the mean over each one's actions of
/// <c>-min(ρA, clip(ρ, 1-ε, 1+ε)A) - βH</c>, with ρ the ratio of the present to the recorded probability of the action, A the
/// advantage, ε <see cref="ClipRange"/>, H the entropy and β <see cref="EntropyCoefficient"/>.
/// </summary>
/// <remarks>Clipped surrogate and entropy bonus: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", arXiv:1707.06347,
/// equations 7 and 9. Group-relative advantages: Shao et al. 2024, "DeepSeekMath", arXiv:2402.03300, section 4.1.</remarks>
public sealed record LearningSettings
{
    /// <summary>The step size of the optimizer, at least 0.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>ε of the clipped ratio, above 0 and below 1.</summary>
    public double ClipRange { get; init; } = 0.2;

    /// <summary>β, the weight of the entropy bonus, at least 0.</summary>
    public double EntropyCoefficient { get; init; } = 0.01;

    /// <summary>The norm to which longer gradients are scaled down, above 0.</summary>
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>How often one batch is gone over, one optimizer step each, at least 1.</summary>
    public int Passes { get; init; } = 1;
}

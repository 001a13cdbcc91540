namespace CoreSrl.Abstractions;

/// <summary>What one update did; of several passes, the last. Means are over actions, weighted by their shares in the
/// loss.</summary>
public sealed record LearningReport
{
    /// <summary>The report of a model that did not learn.</summary>
    public static LearningReport Nothing { get; } = new();

    /// <summary>The clipped surrogate loss, without divergence and entropy bonus: the sum over actions, each times its share.</summary>
    public double PolicyLoss { get; init; }

    /// <summary>The mean entropy of the policy at the actions, in nats.</summary>
    public double Entropy { get; init; }

    /// <summary>The mean estimate of the divergence from the base model, in nats, at least 0; 0 where
    /// <see cref="LearningSettings.KlCoefficient"/> is, or the model has no base.</summary>
    public double Kl { get; init; }

    /// <summary>The share of actions whose ratio left the clip range, 0 to 1.</summary>
    public double ClipFraction { get; init; }

    /// <summary>The norm of the gradients before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The step size of the optimizer; 0 for a model without one.</summary>
    public double LearningRate { get; init; }
}

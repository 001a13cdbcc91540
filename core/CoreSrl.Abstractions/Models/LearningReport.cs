namespace CoreSrl.Abstractions;

/// <summary>What one update did; of several passes, the last.</summary>
public sealed record LearningReport
{
    /// <summary>The report of a model that did not learn.</summary>
    public static LearningReport Nothing { get; } = new();

    /// <summary>The mean clipped surrogate loss, without the entropy bonus.</summary>
    public double PolicyLoss { get; init; }

    /// <summary>The mean entropy of the policy at the actions, in nats.</summary>
    public double Entropy { get; init; }

    /// <summary>The share of actions whose ratio left the clip range, 0 to 1.</summary>
    public double ClipFraction { get; init; }

    /// <summary>The norm of the gradients before clipping.</summary>
    public double GradientNorm { get; init; }
}

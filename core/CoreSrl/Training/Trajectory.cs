using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>One turn of one model in one game.</summary>
/// <param name="Observation">What it saw.</param>
/// <param name="Response">What it answered.</param>
/// <param name="Reward">The environment's reward from this turn until the model's next.</param>
/// <param name="ShapedReward">The same after <see cref="RewardShaping"/>.</param>
internal sealed record Turn(Observation Observation, ModelResponse Response, double Reward, double ShapedReward);

/// <summary>What one model did in one game.</summary>
internal sealed record Trajectory
{
    /// <summary>The model's place in the configuration.</summary>
    public required int Model { get; init; }

    /// <summary>The games of a group began alike.</summary>
    public required int Group { get; init; }

    /// <summary>The turns in order.</summary>
    public required IReadOnlyList<Turn> Turns { get; init; }

    /// <summary>The sum of the environment's rewards.</summary>
    public required double Reward { get; init; }

    /// <summary>Whether the model was among the winners.</summary>
    public required bool Won { get; init; }

    /// <summary>What the environment reported as cooperation, in all.</summary>
    public double CooperationSum { get; init; }

    /// <summary>How often it reported any.</summary>
    public int CooperationCount { get; init; }

    /// <summary>What else the environment reported, step by step.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Info { get; init; } = [];
}

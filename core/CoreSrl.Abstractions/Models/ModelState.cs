namespace CoreSrl.Abstractions;

/// <summary>One model's statistics since the start of the run: measured from play. In a checkpoint, <c>model_states</c>.</summary>
public sealed record ModelState
{
    /// <summary>The model's id in the configuration.</summary>
    public required string ModelId { get; init; }

    /// <summary>The sum over episodes of the mean, over the episode's games, of the reward that the environment gave.</summary>
    public double TotalReward { get; init; }

    /// <summary>The episodes played.</summary>
    public long EpisodeCount { get; init; }

    /// <summary>The episodes won: no model won more of the episode's games, and this one won at least one.</summary>
    public long WinCount { get; init; }

    /// <summary>The updates learned from.</summary>
    public long UpdateCount { get; init; }

    /// <summary>The mean of what the environment reported as this model's cooperation, 0 to 1; null where it never reported any.</summary>
    public double? CooperationScore => CooperationCount == 0 ? null : CooperationSum / CooperationCount;

    /// <summary>The sum of the cooperation reported.</summary>
    public double CooperationSum { get; init; }

    /// <summary>How often cooperation was reported.</summary>
    public long CooperationCount { get; init; }

    /// <summary>The games played.</summary>
    public long GameCount { get; init; }

    /// <summary>The games won.</summary>
    public long GameWinCount { get; init; }

    /// <summary>The mean reward over the games of the last episode.</summary>
    public double LastReward { get; init; }

    /// <summary>The spread (standard deviation) of the rewards of games that began alike, the mean over the last episode's groups: where it
    /// is 0, there was nothing to learn.</summary>
    public double LastRewardSpread { get; init; }

    /// <summary>The mean number of actions of an answer in the last episode: of a free text, its tokens.</summary>
    public double LastResponseLength { get; init; }

    /// <summary>The report of the last update.</summary>
    public LearningReport LastUpdate { get; init; } = LearningReport.Nothing;

    /// <summary><see cref="TotalReward"/> per episode; 0 before the first.</summary>
    public double AverageReward => TotalReward / Math.Max(1, EpisodeCount);
}

namespace CoreSrl.Testing;

/// <summary>The metrics that the trainer itself gives at every boundary, those of single models and of the environment left out.</summary>
internal static class TrainerMetrics
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "avg_reward", "episode_reward", "recent_reward", "reward_std", "response_length", "entropy", "policy_loss", "kl", "clip_fraction", "gradient_norm",
        "learning_rate", "environment_steps", "elapsed_seconds", "environment_steps_per_second",
    ];
}

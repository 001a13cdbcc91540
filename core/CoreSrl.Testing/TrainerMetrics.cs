namespace CoreSrl.Testing;

/// <summary>The metrics that the trainer itself gives at every boundary, those of single models and of the environment left out.</summary>
internal static class TrainerMetrics
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "avg_reward", "episode_reward", "recent_reward", "entropy", "policy_loss", "clip_fraction", "gradient_norm", "environment_steps", "elapsed_seconds",
        "environment_steps_per_second",
    ];
}

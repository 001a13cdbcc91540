using System.Text.Json.Nodes;

namespace CoreSrl.Analysis;

/// <summary>How one model had done by the time of a checkpoint: from its entry in <c>model_states</c>.</summary>
/// <param name="ModelId">The model.</param>
public sealed record ModelPerformance(string ModelId)
{
    /// <summary>Total reward per episode: <c>total_reward / max(1, episode_count)</c>; null where no reward was recorded.</summary>
    public double? AverageReward { get; init; }

    /// <summary>The share of episodes won, 0 to 1: <c>win_count / max(1, episode_count)</c>; null where no wins were counted.</summary>
    public double? WinRate { get; init; }

    /// <summary>The updates learned from; null where they were not counted.</summary>
    public long? UpdateCount { get; init; }

    /// <summary>How cooperatively it played, 0 to 1; null where nothing was reported.</summary>
    public double? CooperationScore { get; init; }

    internal static ModelPerformance Read(string modelId, JsonNode? state)
    {
        var episodes = Math.Max(1, (long?)Number(state, "episode_count") ?? 0);
        return new(modelId)
        {
            AverageReward = Number(state, "total_reward") / episodes,
            WinRate = Number(state, "win_count") / episodes,
            UpdateCount = (long?)Number(state, "update_count"),
            CooperationScore = Number(state, "cooperation_score"),
        };
    }

    /// <summary>What another program wrote may hold anything; what is no number is not known.</summary>
    private static double? Number(JsonNode? state, string key) =>
        state is JsonObject fields && fields[key] is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;
}

using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CoreSrl.Plugins.CustomMetrics;

/// <summary>The rewards of a run's episodes, as far as the metrics need them: those of its beginning and the latest.</summary>
/// <param name="Episodes">The episodes seen.</param>
/// <param name="First">The rewards of the first of them, in order; at most a window.</param>
/// <param name="Latest">The rewards of the last of them, in order; at most a window.</param>
public sealed record RewardHistory(long Episodes, ImmutableArray<double> First, ImmutableArray<double> Latest)
{
    /// <summary>The history of a run before its first episode.</summary>
    public static RewardHistory Empty { get; } = new(0, [], []);

    /// <summary>The history one episode later.</summary>
    /// <param name="reward">The episode's reward: a finite number.</param>
    /// <param name="window">How many episodes either end keeps; at least 1.</param>
    public RewardHistory Add(double reward, int window) => new(
        Episodes + 1,
        First.Length < window && Episodes == First.Length ? First.Add(reward) : First,
        [.. Latest.Skip(Math.Max(0, Latest.Length + 1 - window)), reward]);

    /// <summary>
    /// By how much the reward per episode has risen since the beginning: the mean of the last k rewards less the mean of the first k,
    /// where k is a window, or half of the episodes while there are fewer than two windows of them.
    /// </summary>
    /// <returns>Null before the second episode.</returns>
    public double? Gain()
    {
        var k = (int)Math.Min(Math.Min(First.Length, Latest.Length), Episodes / 2);
        return k == 0 ? null : Latest[^k..].Average() - First[..k].Average();
    }

    /// <summary>The history as JSON, numbers to the last bit.</summary>
    public JsonNode ToJson() => new JsonObject { ["episodes"] = Episodes, ["first"] = Numbers(First), ["latest"] = Numbers(Latest) };

    /// <summary>Reads what <see cref="ToJson"/> made.</summary>
    /// <param name="json">Null where a checkpoint was taken without this plugin: nothing has been seen then.</param>
    public static RewardHistory FromJson(JsonNode? json) => json is null ? Empty
        : new((long)json["episodes"]!, Numbers(json["first"]!), Numbers(json["latest"]!));

    private static JsonArray Numbers(ImmutableArray<double> rewards) => new([.. rewards.Select(reward => (JsonNode)reward)]);

    private static ImmutableArray<double> Numbers(JsonNode rewards) => [.. rewards.AsArray().Select(reward => (double)reward!)];
}

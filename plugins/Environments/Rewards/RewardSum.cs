using System.Collections.Immutable;

namespace CoreSrl.Plugins.Environments;

/// <summary>The weighted sum of several rewards.</summary>
internal sealed class RewardSum(IReadOnlyList<RewardOptions> options)
{
    private readonly ImmutableArray<(string Name, double Weight, IReward Reward)> _rewards =
        [.. options.Select((one, i) => (NameOf(options, i), one.Weight, one.Create()))];

    /// <summary>What a text is worth, whether it is right (the first of the rewards is 1), and what each reward was, by name.</summary>
    public (double Sum, bool IsRight, IReadOnlyDictionary<string, double> Each) Of(Question question, string text)
    {
        var each = _rewards.Select(one => one.Reward.Of(question, text)).ToList();
        return (
            each.Zip(_rewards, (reward, one) => reward * one.Weight).Sum(),
            each[0] == 1,
            Enumerable.Range(0, each.Count).ToDictionary(i => $"reward/{_rewards[i].Name}", i => each[i]));
    }

    // The second regex is regex-2.
    private static string NameOf(IReadOnlyList<RewardOptions> options, int index) =>
        options.Take(index).Count(earlier => earlier.Name == options[index].Name) is > 0 and var earlier ? $"{options[index].Name}-{earlier + 1}" : options[index].Name;
}

using CoreSrl.Configuration;

namespace CoreSrl.Training;

/// <summary>
/// Turns the rewards that an environment gave the players of one game in one step into those they learn from. With r the own
/// reward, c the cooperation strength and k the competition intensity:
/// <list type="bullet">
/// <item><c>cooperative</c>: (1-c)·r + c·mean(all)</item>
/// <item><c>competitive</c>: r + k·rank</item>
/// <item><c>mixed</c>: (1-c)·r + c·mean(all) + k·rank</item>
/// <item><c>hierarchical</c>: the first player leads: (1-c)·r + c·mean(followers); a follower: (1-c)·r + c·r(leader) + k·rank(among followers)</item>
/// </list>
/// The rank runs from +1 (best) to -1 (worst) in equal steps, equals share the mean of their places, and sums to 0: competing moves
/// reward between players and makes none.
/// </summary>
/// <remarks>A share of the team's reward as the dial between selfish and cooperative play: Peysakhovich and Lerer 2018, "Prosocial
/// Learning Agents Solve Generalized Stag Hunts Better than Selfish Ones", arXiv:1709.02865.</remarks>
public static class RewardShaping
{
    /// <summary>Shapes one step of one game.</summary>
    /// <param name="rewards">The environment's rewards by seat. A player alone keeps its own.</param>
    /// <param name="mode">How rewards depend on one another.</param>
    /// <param name="cooperationStrength">c, 0 to 1.</param>
    /// <param name="competitionIntensity">k, in units of reward.</param>
    /// <returns>The rewards to learn from, by seat.</returns>
    public static double[] Shape(IReadOnlyList<double> rewards, TrainingMode mode, double cooperationStrength, double competitionIntensity)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        if (rewards.Count < 2)
            return [.. rewards];
        return mode switch
        {
            TrainingMode.Cooperative => Cooperate(rewards, cooperationStrength),
            TrainingMode.Competitive => Add(rewards, Ranks(rewards), competitionIntensity),
            TrainingMode.Mixed => Add(Cooperate(rewards, cooperationStrength), Ranks(rewards), competitionIntensity),
            TrainingMode.Hierarchical => Follow(rewards, cooperationStrength, competitionIntensity),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "not a training mode"),
        };
    }

    private static double[] Cooperate(IReadOnlyList<double> rewards, double strength)
    {
        var mean = rewards.Average();
        return [.. rewards.Select(reward => ((1 - strength) * reward) + (strength * mean))];
    }

    private static double[] Follow(IReadOnlyList<double> rewards, double strength, double intensity)
    {
        var followers = rewards.Skip(1).ToList();
        var leader = ((1 - strength) * rewards[0]) + (strength * followers.Average());
        var shaped = followers.Select(reward => ((1 - strength) * reward) + (strength * rewards[0])).ToList();
        return [leader, .. Add(shaped, Ranks(followers), intensity)];
    }

    private static double[] Add(IReadOnlyList<double> rewards, double[] ranks, double intensity) =>
        [.. rewards.Select((reward, seat) => reward + (intensity * ranks[seat]))];

    private static double[] Ranks(IReadOnlyList<double> rewards)
    {
        if (rewards.Count == 1)
            return [0];
        return [.. rewards.Select(reward => (double)(rewards.Count(other => other < reward) - rewards.Count(other => other > reward)) / (rewards.Count - 1))];
    }
}

using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>Counts what was played; all of it measured, none of it assumed.</summary>
internal static class Statistics
{
    /// <summary>How many episodes <c>recent_reward</c> looks back.</summary>
    public const int RecentWindow = 50;

    /// <summary>The state after an episode's games, before any learning from them.</summary>
    public static TrainingState AfterGames(TrainingState state, IReadOnlyList<Trajectory> trajectories, IReadOnlyList<IReadOnlyList<Experience>> experiences, long steps)
    {
        var played = Enumerable.Range(0, state.Models.Length).Select(model => trajectories.Where(t => t.Model == model).ToList()).ToList();
        var wins = played.ConvertAll(games => games.Count(game => game.Won));
        var rewards = played.ConvertAll(games => games.Count == 0 ? 0 : games.Average(game => game.Reward));
        return state with
        {
            Episode = state.Episode + 1,
            EnvironmentSteps = state.EnvironmentSteps + steps,
            Models = [.. state.Models.Select((model, index) => model with
            {
                EpisodeCount = model.EpisodeCount + 1,
                TotalReward = model.TotalReward + rewards[index],
                LastReward = rewards[index],
                LastRewardSpread = RewardSpread(played[index]),
                LastResponseLength = played[index].SelectMany(game => game.Turns).Select(turn => (double)turn.Response.Actions.Length).DefaultIfEmpty().Average(),
                WinCount = model.WinCount + (wins[index] > 0 && wins[index] == wins.Max() ? 1 : 0),
                GameCount = model.GameCount + played[index].Count,
                GameWinCount = model.GameWinCount + wins[index],
                CooperationSum = model.CooperationSum + played[index].Sum(game => game.CooperationSum),
                CooperationCount = model.CooperationCount + played[index].Sum(game => game.CooperationCount),
            })],
            Pending = [.. state.Pending.Select((pending, index) => pending.AddRange(experiences[index]))],
            PendingReward = [.. state.PendingReward.Select((sum, index) => sum + rewards[index])],
            LastInfo = trajectories.SelectMany(game => game.Info).GroupBy(info => info.Key, info => info.Value)
                .ToImmutableSortedDictionary(info => info.Key, info => info.Average(), StringComparer.Ordinal),
            RecentRewards = [.. state.RecentRewards.Skip(Math.Max(0, state.RecentRewards.Length + 1 - RecentWindow)), rewards.Average()],
        };
    }

    /// <summary>The state after an update.</summary>
    public static TrainingState AfterUpdate(TrainingState state, IReadOnlyList<LearningReport?> reports) => state with
    {
        Models = [.. state.Models.Select((model, index) => reports[index] is { } report
            ? model with { UpdateCount = model.UpdateCount + 1, LastUpdate = report }
            : model)],
        Pending = [.. state.Pending.Select(_ => ImmutableArray<Experience>.Empty)],
        PendingReward = [.. state.PendingReward.Select(_ => 0.0)],
    };

    // The population's, as in the advantages.
    private static double RewardSpread(IEnumerable<Trajectory> games) => games.GroupBy(game => game.Group).Select(group =>
    {
        var mean = group.Average(game => game.Reward);
        return Math.Sqrt(group.Average(game => (game.Reward - mean) * (game.Reward - mean)));
    }).DefaultIfEmpty().Average();

    /// <summary>How often each model gave which answer.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, long>> Answers(IReadOnlyList<Trajectory> trajectories, int models) =>
    [
        .. Enumerable.Range(0, models).Select(model => trajectories.Where(game => game.Model == model)
            .SelectMany(game => game.Turns).GroupBy(turn => turn.Response.Text, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.LongCount(), StringComparer.Ordinal)),
    ];

    /// <summary>The trainer's own metrics. Those that depend on the clock end in <c>_seconds</c> or <c>_per_second</c>.</summary>
    public static Dictionary<string, double> Metrics(TrainingState state)
    {
        var metrics = new Dictionary<string, double>
        {
            ["avg_reward"] = state.Models.Average(model => model.AverageReward),
            ["episode_reward"] = state.RecentRewards.IsEmpty ? 0 : state.RecentRewards[^1],
            ["recent_reward"] = state.RecentRewards.IsEmpty ? 0 : state.RecentRewards.Average(),
            ["reward_std"] = state.Models.Average(model => model.LastRewardSpread),
            ["response_length"] = state.Models.Average(model => model.LastResponseLength),
            ["entropy"] = OfLearners(update => update.Entropy),
            ["policy_loss"] = OfLearners(update => update.PolicyLoss),
            ["kl"] = OfLearners(update => update.Kl),
            ["clip_fraction"] = OfLearners(update => update.ClipFraction),
            ["gradient_norm"] = OfLearners(update => update.GradientNorm),
            ["learning_rate"] = OfLearners(update => update.LearningRate),
            ["environment_steps"] = state.EnvironmentSteps,
            ["elapsed_seconds"] = state.ElapsedSeconds,
            ["environment_steps_per_second"] = state.ElapsedSeconds > 0 ? state.EnvironmentSteps / state.ElapsedSeconds : 0,
        };
        foreach (var model in state.Models)
            metrics[$"avg_reward/{model.ModelId}"] = model.AverageReward;
        foreach (var (name, mean) in state.LastInfo)
            metrics[$"info/{name}"] = mean;
        if (state.Models.Any(model => model.CooperationCount > 0))
            metrics["cooperation_score"] = state.Models.Where(model => model.CooperationCount > 0).Average(model => model.CooperationScore!.Value);
        return metrics;

        // A model that never learned has nothing to say about learning.
        double OfLearners(Func<LearningReport, double> of) =>
            state.Models.Where(model => model.UpdateCount > 0).Select(model => of(model.LastUpdate)).DefaultIfEmpty().Average();
    }
}

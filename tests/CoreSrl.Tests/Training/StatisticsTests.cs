using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData("0", 1, 0)]
    [InlineData("0 0 1", 1, 0)]
    [InlineData("0 1", 1, 1)]
    [InlineData("", 0, 0)]
    [InlineData("0+1", 1, 1)]
    public void An_episode_is_won_by_whoever_won_most_of_its_games(string winnersByGame, int first, int second)
    {
        var games = winnersByGame.Split(' ').SelectMany(winners => new[] { Game(0, 0, winners.Contains('0')), Game(1, 0, winners.Contains('1')) });
        var state = Play(Begin(2), [.. games]);
        Assert.Equal([first, second], state.Models.Select(model => (int)model.WinCount));
    }

    [Fact]
    public void Games_are_counted_and_rewards_averaged_over_the_games_of_an_episode()
    {
        var state = Play(Begin(2), Game(0, 4), Game(1, 0), Game(0, 1, won: true), Game(1, 3));
        state = Play(state, Game(0, -1), Game(1, 1));
        Assert.Equal(2, state.Episode);
        Assert.Equal(20, state.EnvironmentSteps);
        var first = state.Models[0];
        Assert.Equal((2, 3, 1, 1.5, -1.0, 0.75), (first.EpisodeCount, first.GameCount, first.GameWinCount, first.TotalReward, first.LastReward, first.AverageReward));
        Assert.Equal([1.5, 2.5], state.PendingReward.ToArray());
    }

    [Fact]
    public void The_cooperation_score_is_a_mean_of_what_was_reported_and_null_when_nothing_was()
    {
        var state = Play(Begin(2), Game(0, 0) with { CooperationSum = 1, CooperationCount = 4 }, Game(0, 0) with { CooperationSum = 2, CooperationCount = 2 }, Game(1, 0));
        Assert.Equal(0.5, state.Models[0].CooperationScore);
        Assert.Null(state.Models[1].CooperationScore);
        Assert.Equal(0.5, Statistics.Metrics(state)["cooperation_score"]);
        Assert.DoesNotContain("cooperation_score", Statistics.Metrics(Play(Begin(1), Game(0, 1))).Keys);
    }

    [Fact]
    public void The_recent_reward_looks_back_50_episodes()
    {
        var state = Begin(1);
        for (var episode = 1; episode <= 60; episode++)
            state = Play(state, Game(0, episode));
        Assert.Equal(Enumerable.Range(11, 50).Select(i => (double)i), state.RecentRewards);
        var metrics = Statistics.Metrics(state);
        Assert.Equal((60, 35.5, 30.5), (metrics["episode_reward"], metrics["recent_reward"], metrics["avg_reward"]));
    }

    [Fact]
    public void An_update_is_counted_for_those_who_learned_and_empties_what_was_pending()
    {
        var report = new LearningReport { Entropy = 0.5, PolicyLoss = 2, ClipFraction = 0.25, GradientNorm = 3, Kl = 0.7, LearningRate = 0.01 };
        var played = Play(Begin(2), Game(0, 1), Game(1, 2));
        Assert.Equal([1, 1], played.Pending.Select(pending => pending.Length));
        var state = Statistics.AfterUpdate(played, [report, null]);
        Assert.Equal([1, 0], state.Models.Select(model => (int)model.UpdateCount));
        Assert.All(state.Pending, pending => Assert.Empty(pending));
        Assert.Equal([0.0, 0.0], state.PendingReward.ToArray());
        var metrics = Statistics.Metrics(state);
        Assert.Equal((0.5, 2.0, 0.25, 3.0), (metrics["entropy"], metrics["policy_loss"], metrics["clip_fraction"], metrics["gradient_norm"]));
        Assert.Equal((0.7, 0.01), (metrics["kl"], metrics["learning_rate"]));
        Assert.Equal((1.0, 2.0), (metrics["avg_reward/m0"], metrics["avg_reward/m1"]));
    }

    // By hand: the groups of the first model have deviations 1 and 0, the second model's one has 3.
    [Fact]
    public void The_spread_is_that_of_games_that_began_alike()
    {
        var state = Play(Begin(2), Game(0, 1), Game(0, 3), Game(0, 5) with { Group = 1 }, Game(1, 0), Game(1, 6));
        Assert.Equal([0.5, 3], state.Models.Select(model => model.LastRewardSpread));
        Assert.Equal(1.75, Statistics.Metrics(state)["reward_std"]);
    }

    [Fact]
    public void A_response_is_as_long_as_its_actions()
    {
        Turn Answer(int length) => new(new("?"), new("!", [.. new int[length]], [.. new float[length]], 0), 0, 0);
        var state = Play(Begin(2), Game(0, 1) with { Turns = [Answer(2), Answer(6)] }, Game(0, 1) with { Turns = [Answer(7)] }, Game(1, 1) with { Turns = [] });
        Assert.Equal([5.0, 0], state.Models.Select(model => model.LastResponseLength));
        Assert.Equal(2.5, Statistics.Metrics(state)["response_length"]);
    }

    [Fact]
    public void What_an_environment_reports_beside_rewards_becomes_a_mean_of_the_last_episode()
    {
        var state = Play(Begin(2), Game(0, 1) with { Info = [new("length", 2), new("length", 6)] }, Game(1, 2) with { Info = [new("length", 1)] });
        Assert.Equal(3, Statistics.Metrics(state)["info/length"]);
        Assert.DoesNotContain("info/length", Statistics.Metrics(Play(state, Game(0, 1), Game(1, 2))).Keys);
    }

    [Fact]
    public void Answers_are_counted_over_all_games_of_a_model()
    {
        static Trajectory Said(int model, params string[] answers) =>
            Game(model, 0) with { Turns = [.. answers.Select(answer => new Turn(new("?"), new(answer, [0], [0f], 0), 0, 0))] };
        var answers = Statistics.Answers([Said(0, "C", "D", "C"), Said(1, "c"), Said(0, "C")], models: 3);
        Assert.Equal(["C 3, D 1", "c 1", ""], answers.Select(counts => string.Join(", ", counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"))));
    }

    [Fact]
    public void Before_the_first_episode_every_metric_is_a_number() => Assert.All(Statistics.Metrics(Begin(3)).Values, value => Assert.Equal(0, value));

    private static TrainingState Begin(int models) => TrainingState.Begin(
        "run", 1, [.. Enumerable.Range(0, models).Select(index => new ModelSlot($"m{index}", index, new TestModel(1, new())))]);

    private static TrainingState Play(TrainingState state, params Trajectory[] games) =>
        Statistics.AfterGames(state, games, [.. state.Models.Select(_ => (IReadOnlyList<Experience>)[new(new("?"), new("!", [0], [0f], 0), 1, 1)])], 10);

    private static Trajectory Game(int model, double reward, bool won = false) => new() { Model = model, Group = 0, Turns = [], Reward = reward, Won = won };
}

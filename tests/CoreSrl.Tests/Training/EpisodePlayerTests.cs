using System.Collections.Concurrent;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class EpisodePlayerTests
{
    [Fact]
    public async Task Together_every_model_has_the_seat_of_its_place_in_every_game()
    {
        var table = new Table(games: 3, models: 2);
        var (trajectories, steps) = await table.PlayAsync(together: true);
        Assert.Equal([0, 1, 0, 1, 0, 1], trajectories.Select(t => t.Model));
        Assert.Equal([2, 2, 2], table.Games.Select(game => game.Seats));
        Assert.Equal(3 * 2, steps);
        Assert.Equal("m0 m1", table.Games[0].Said[0]);
    }

    [Fact]
    public async Task Alone_every_model_plays_its_own_games_with_the_same_beginnings()
    {
        var table = new Table(games: 3, models: 2) { Options = new() { GamesPerEpisode = 3 } };
        Assert.Equal(6, EpisodePlayer.GamesNeeded(2, together: false, table.Options));
        table = new Table(games: 6, models: 2) { Options = table.Options };
        var (trajectories, _) = await table.PlayAsync(together: false);
        Assert.Equal([0, 0, 0, 1, 1, 1], trajectories.Select(t => t.Model));
        Assert.All(table.Games, game => Assert.Equal(1, game.Seats));
        Assert.Equal("m1", table.Games[3].Said[0]);
        Assert.Equal(table.Games.Take(3).Select(game => game.Seed), table.Games.Skip(3).Select(game => game.Seed));
    }

    [Fact]
    public async Task Games_of_a_group_begin_alike_and_those_of_another_group_or_episode_do_not()
    {
        var table = new Table(games: 6, models: 2) { Options = new() { GamesPerEpisode = 6, GroupSize = 2 } };
        var (trajectories, _) = await table.PlayAsync(together: true, episode: 4);
        var seeds = table.Games.Select(game => game.Seed).ToList();
        Assert.Equal(3, seeds.Distinct().Count());
        Assert.Equal([seeds[0], seeds[2], seeds[4]], [seeds[1], seeds[3], seeds[5]]);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], trajectories.Select(t => t.Group));

        await table.PlayAsync(together: true, episode: 5);
        Assert.Empty(seeds.Intersect(table.Games.Select(game => game.Seed)));
    }

    [Fact]
    public async Task Every_answer_is_drawn_with_a_seed_of_its_own()
    {
        var table = new Table(games: 4, models: 3) { Options = new() { GamesPerEpisode = 4 } };
        await table.PlayAsync(together: true, episode: 1);
        await table.PlayAsync(together: true, episode: 2);
        var seeds = table.Models.SelectMany(model => model.Seeds).ToList();
        Assert.Equal(2 * 4 * 3 * 2, seeds.Count);
        Assert.Equal(seeds.Count, seeds.Distinct().Count());
    }

    [Fact]
    public async Task A_game_that_does_not_end_is_cut_off()
    {
        var table = new Table(games: 1, models: 2) { Options = new() { GamesPerEpisode = 1, MaxStepsPerGame = 5 } };
        table.Games[0].Length = int.MaxValue;
        var (trajectories, steps) = await table.PlayAsync(together: true);
        Assert.Equal(5, steps);
        Assert.All(trajectories, t => Assert.Equal(5, t.Turns.Count));
    }

    [Fact]
    public async Task A_reward_that_comes_when_a_seat_is_not_asked_belongs_to_its_last_turn()
    {
        var table = new Table(games: 1, models: 2) { Options = new() { GamesPerEpisode = 1, Mode = TrainingMode.Cooperative, CooperationStrength = 1 } };
        var game = table.Games[0];
        game.Length = 4;
        game.Asks = (seat, step) => step % 2 == seat;
        game.Rewards = (seat, step) => seat == 0 ? step : 10 * step;

        var (trajectories, _) = await table.PlayAsync(together: true);

        // Seat 0 acts in steps 1 and 3, seat 1 in 2 and 4; of step 1 seat 1 has a reward but no turn to put it to.
        Assert.Equal([1.0 + 2, 3 + 4], trajectories[0].Turns.Select(turn => turn.Reward));
        Assert.Equal([20.0 + 30, 40], trajectories[1].Turns.Select(turn => turn.Reward));
        Assert.Equal([5.5 * 3, 5.5 * 7], trajectories[0].Turns.Select(turn => turn.ShapedReward));
        Assert.Equal((10.0, 100.0), (trajectories[0].Reward, trajectories[1].Reward));
        Assert.Equal(["m0 -", "- m1", "m0 -", "- m1"], game.Said);
    }

    [Fact]
    public async Task Winners_and_cooperation_are_those_the_environment_reported()
    {
        var table = new Table(games: 1, models: 3) { Options = new() { GamesPerEpisode = 1 } };
        table.Games[0].Winners = [0, 2];
        table.Games[0].Cooperation = seat => seat == 1 ? null : 0.25 * (seat + 1);
        var (trajectories, _) = await table.PlayAsync(together: true);
        Assert.Equal([true, false, true], trajectories.Select(t => t.Won));
        Assert.Equal([(0.5, 2), (0.0, 0), (1.5, 2)], trajectories.Select(t => (t.CooperationSum, t.CooperationCount)));
    }

    [Fact]
    public async Task A_wrong_number_of_answers_names_the_model()
    {
        var table = new Table(games: 1, models: 2) { Options = new() { GamesPerEpisode = 1 } };
        table.Models[1].Surplus = 1;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.PlayAsync(together: true));
        Assert.Equal("Model 'm1' gave 2 answers to 1 observations.", error.Message);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task A_reward_that_is_no_finite_number_is_refused(double reward)
    {
        var table = new Table(games: 1, models: 2) { Options = new() { GamesPerEpisode = 1 } };
        table.Games[0].Rewards = (seat, step) => step == 2 && seat == 1 ? reward : 0;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.PlayAsync(together: true));
        Assert.Equal("The environment gave a reward that is not a finite number.", error.Message);
    }

    [Fact]
    public async Task A_wrong_number_of_seats_is_refused()
    {
        var table = new Table(games: 1, models: 2) { Options = new() { GamesPerEpisode = 1 } };
        table.Games[0].ShownSeats = 3;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => table.PlayAsync(together: true));
        Assert.Equal("The environment showed 3 seats; the game has 2.", error.Message);
    }

    /// <summary>Games and models side by side, with what happened to each.</summary>
    private sealed class Table(int games, int models)
    {
        public IReadOnlyList<ScriptedGame> Games { get; } = [.. Enumerable.Range(0, games).Select(_ => new ScriptedGame())];

        public IReadOnlyList<Speaker> Models { get; } = [.. Enumerable.Range(0, models).Select(index => new Speaker($"m{index}"))];

        public TrainingOptions Options { get; init; } = new() { GamesPerEpisode = games };

        public Task<(IReadOnlyList<Trajectory> Trajectories, long Steps)> PlayAsync(bool together, long episode = 1) =>
            new EpisodePlayer([.. Models.Select((model, index) => new ModelSlot(model.Name, index, model))], Games, together, Options, new(new())).PlayAsync(episode, default);
    }

    private sealed class ScriptedGame : IEnvironment
    {
        private int _step;

        public int Length { get; set; } = 2;

        public Func<int, int, bool> Asks { get; set; } = (_, _) => true;

        public Func<int, int, double> Rewards { get; set; } = (_, _) => 0;

        public Func<int, double?> Cooperation { get; set; } = _ => null;

        public int[] Winners { get; set; } = [];

        public int? ShownSeats { get; set; }

        public int Seats { get; private set; }

        public ulong Seed { get; private set; }

        /// <summary>The actions of each step; - for none.</summary>
        public List<string> Said { get; } = [];

        SeatRange IEnvironment.Seats => new(1, 4);

        public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            (Seats, Seed, _step) = (seats, seed, 0);
            Said.Clear();
            return ValueTask.FromResult(Show(_ => 0));
        }

        public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            Said.Add(string.Join(" ", actions.Select(action => action ?? "-")));
            _step++;
            return ValueTask.FromResult(Show(seat => Rewards(seat, _step)));
        }

        private EnvironmentStep Show(Func<int, double> reward) => new(
            [.. Enumerable.Range(0, ShownSeats ?? Seats).Select(seat => new SeatStep
            {
                Observation = Asks(seat, _step) && _step < Length ? new("?") : null,
                Reward = reward(seat),
                Terminated = _step >= Length,
                Cooperation = _step > 0 ? Cooperation(seat) : null,
            })],
            _step >= Length ? [.. Winners] : []);
    }

    private sealed class Speaker(string name) : IModel
    {
        public string Name => name;

        public int Surplus { get; set; }

        public ConcurrentQueue<ulong> Seeds { get; } = [];

        public ModelDescription Description { get; } = new() { Kind = "speaker", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors => [];

        public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
        {
            foreach (var request in requests)
                Seeds.Enqueue(request.Seed);
            return ValueTask.FromResult<IReadOnlyList<ModelResponse>>(
                [.. Enumerable.Repeat(new ModelResponse(name, [0], [0f], 0), requests.Count + Surplus)]);
        }

        public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public System.Text.Json.Nodes.JsonObject CaptureState() => [];

        public void RestoreState(System.Text.Json.Nodes.JsonObject state)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

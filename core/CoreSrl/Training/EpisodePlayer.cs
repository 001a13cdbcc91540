using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>
/// Plays the games of one episode side by side: in each round every model answers all its games' observations in one batch, the
/// models at the same time. Where the environment seats one player, each model plays its own games.
/// </summary>
internal sealed class EpisodePlayer(
    IReadOnlyList<ModelSlot> models, IReadOnlyList<IEnvironment> environments, bool together, TrainingOptions options, PluginCalls calls)
{
    /// <summary>How many games an episode of this run has, over all models.</summary>
    public static int GamesNeeded(int models, bool together, TrainingOptions options) =>
        together ? options.GamesPerEpisode : options.GamesPerEpisode * models;

    /// <summary>Plays an episode.</summary>
    /// <returns>A trajectory per seat of each game, in the order of games and seats, and the number of environment steps.</returns>
    public async Task<(IReadOnlyList<Trajectory> Trajectories, long Steps)> PlayAsync(long episode, CancellationToken cancellationToken)
    {
        var games = new List<Game>();
        for (var index = 0; index < environments.Count; index++)
            games.Add(await StartAsync(episode, index, cancellationToken).ConfigureAwait(false));
        var steps = 0L;
        for (var round = 0; games.Exists(game => !game.IsOver); round++)
        {
            await ActAsync(games, episode, round, cancellationToken).ConfigureAwait(false);
            foreach (var game in games.Where(game => !game.IsOver))
            {
                await game.StepAsync(options, cancellationToken).ConfigureAwait(false);
                steps++;
            }
        }

        return ([.. games.SelectMany(game => game.Trajectories())], steps);
    }

    private async Task<Game> StartAsync(long episode, int index, CancellationToken cancellationToken)
    {
        int[] seats = together ? [.. Enumerable.Range(0, models.Count)] : [index / options.GamesPerEpisode];
        var number = together ? index : index % options.GamesPerEpisode;
        var group = number / (options.GroupSize == 0 ? options.GamesPerEpisode : options.GroupSize);
        var seed = Seeds.Derive(options.Seed, "game", "", episode, group);
        var first = await environments[index].ResetAsync(seats.Length, seed, cancellationToken).ConfigureAwait(false);
        return new(environments[index], number, group, seats, first);
    }

    private async Task ActAsync(List<Game> games, long episode, int round, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, models.Count).Select(AnswerAsync)).ConfigureAwait(false);

        async Task AnswerAsync(int model)
        {
            var turns = games.Where(game => !game.IsOver).SelectMany(game => game.Asked(model)).ToList();
            if (turns.Count == 0)
                return;
            var requests = turns.Select(turn => new ModelRequest(
                turn.Observation, Seeds.Derive(options.Seed, "act", models[model].Id, episode, turn.Game.Number, round))).ToList();
            var responses = await models[model].CallAsync(calls, nameof(IModel.ActAsync), player => player.ActAsync(requests, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (responses.Count != requests.Count)
                throw new InvalidOperationException($"Model '{models[model].Id}' gave {responses.Count} answers to {requests.Count} observations.");
            for (var i = 0; i < turns.Count; i++)
                turns[i].Game.Answer(turns[i].Seat, responses[i]);
        }
    }
}

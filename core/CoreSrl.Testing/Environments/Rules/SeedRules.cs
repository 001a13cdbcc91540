using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>A game follows from its seed and its actions, and from nothing else.</summary>
internal static class SeedRules
{
    public static IEnumerable<Rule<EnvironmentTrial>> All { get; } =
    [
        new("same-seed-same-game", "In environments with the same options, games of one seed and the same actions are alike.", SameSeedSameGameAsync),
        new("nothing-is-carried", "A game does not depend on the game before.", NothingIsCarriedAsync),
        new("reset-at-any-time", "A game that is broken off leaves nothing behind.", ResetAtAnyTimeAsync),
        new("games-side-by-side", "Environments whose games are played side by side do not influence one another.", SideBySideAsync),
        new("illegal-actions-do-no-lasting-harm", "After an action that is none of the choices, which may be an error, games are as ever.", IllegalActionsAsync),
        new("cancelled-is-told-so", "A call that is cancelled ends as cancelled or as any other, and games are as ever behind it.", CancelledAsync),
    ];

    private static async Task SameSeedSameGameAsync(EnvironmentTrial trial)
    {
        for (var i = 0; i < trial.Options.Games; i++)
        {
            var (one, two, seed) = (trial.Create(), trial.Create(), trial.Seed());
            foreach (var seats in trial.SeatCounts(one))
            {
                var (game, again) = (await trial.PlayAsync(one, seats, seed).ConfigureAwait(false), await trial.PlayAsync(two, seats, seed).ConfigureAwait(false));
                trial.ExpectList(game.Words(), again.Words(), $"a game of {seats} and of seed {seed} in another environment");
            }
        }
    }

    private static async Task NothingIsCarriedAsync(EnvironmentTrial trial)
    {
        for (var i = 0; i < trial.Options.Games; i++)
        {
            var (environment, seed) = (trial.Create(), trial.Seed());
            var counts = trial.SeatCounts(environment);
            var (seats, others) = (counts[i % counts.Count], counts[^1]);
            var first = await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false);
            await trial.PlayAsync(environment, others, trial.Seed()).ConfigureAwait(false);
            trial.ExpectSameGame(
                first,
                await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false), environment, $"the game of seed {seed} after another, of {others}");
        }
    }

    private static Task ResetAtAnyTimeAsync(EnvironmentTrial trial) => AsEverAsync(trial, "a game that was broken off", 0, async (environment, seats) =>
        await trial.Game(environment, seats, trial.Seed()).PlayAsync(trial.Random.Next(4)).ConfigureAwait(false));

    private static async Task SideBySideAsync(EnvironmentTrial trial)
    {
        for (var i = 0; i < trial.Options.Games; i++)
        {
            var (one, two) = (trial.Create(), trial.Create());
            var counts = trial.SeatCounts(one);
            var (seats, otherSeats) = (counts[i % counts.Count], counts[0]);
            var (seed, otherSeed) = (trial.Seed(), trial.Seed());
            await trial.PlayAsync(one, seats, seed).ConfigureAwait(false);
            await trial.PlayAsync(two, otherSeats, otherSeed).ConfigureAwait(false);
            var (alone, otherAlone) = (await trial.PlayAsync(one, seats, seed).ConfigureAwait(false), await trial.PlayAsync(two, otherSeats, otherSeed).ConfigureAwait(false));
            var (beside, other) = (trial.Game(one, seats, seed), trial.Game(two, otherSeats, otherSeed));
            for (var step = 0; step <= trial.Options.MaxSteps && !(beside.IsOver && other.IsOver); step++)
            {
                if (!beside.IsOver)
                    await beside.NextAsync().ConfigureAwait(false);
                if (!other.IsOver)
                    await other.NextAsync().ConfigureAwait(false);
            }

            trial.ExpectSameGame(alone, beside, one, $"the game of seed {seed} beside another");
            trial.ExpectSameGame(otherAlone, other, two, $"the game of seed {otherSeed} beside another");
        }
    }

    private static Task IllegalActionsAsync(EnvironmentTrial trial) => AsEverAsync(trial, "an action that was none of the choices", 1, async (environment, seats) =>
        await trial.PlayAsync(environment, seats, trial.Seed(), Illegal).ConfigureAwait(false));

    private static Task CancelledAsync(EnvironmentTrial trial) => AsEverAsync(trial, "a cancelled one", 1, async (environment, seats) =>
    {
        var (cancelled, seed) = (new CancellationToken(canceled: true), trial.Seed());
        await EndsAsync(trial, "reset", async () => await environment.ResetAsync(seats, seed, cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        var (whole, game) = (await trial.Game(environment, seats, seed).PlayAsync(maxSteps: 1).ConfigureAwait(false), trial.Game(environment, seats, seed));
        await game.NextAsync().ConfigureAwait(false);
        if (whole.Error is null && !game.IsOver)
            await EndsAsync(trial, "step", async () => await environment.StepAsync(game.Actions(), cancelled).ConfigureAwait(false)).ConfigureAwait(false);
    });

    // A game, what may harm those after it, and the game again, at once or after one to recover in; all have a whole game before them.
    private static async Task AsEverAsync(EnvironmentTrial trial, string what, int recovering, Func<IEnvironment, int, Task> harm)
    {
        for (var i = 0; i < trial.Options.Games; i++)
        {
            var (environment, seed) = (trial.Create(), trial.Seed());
            foreach (var seats in trial.SeatCounts(environment))
            {
                await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false);
                var before = await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false);
                await harm(environment, seats).ConfigureAwait(false);
                for (var game = 0; game < recovering; game++)
                    await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false);
                trial.ExpectSameGame(before, await trial.PlayAsync(environment, seats, seed).ConfigureAwait(false), environment, $"the game of seed {seed} after {what}");
            }
        }
    }

    private static string Illegal(Observation asked, Random random) => "none of: " + string.Join(", ", asked.Choices.IsDefault ? [] : asked.Choices);

    private static async Task EndsAsync(EnvironmentTrial trial, string what, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw trial.Violated($"a cancelled {what} to end in an OperationCanceledException, or well", $"there was {trial.Tell(e)}", e);
        }
    }
}

namespace CoreSrl.Testing;

/// <summary>How games are played and end.</summary>
internal static class EndRules
{
    private static readonly string[] OddTexts =
        ["", " ", "\n", "?", "0", "-1", "1e999", "NaN", "null", "\"", "{\"a\": 1}", "two\nlines", "äöü ß 漢字 🙂", new('x', 10_000), "9999999999999999999999"];

    public static IEnumerable<Rule<EnvironmentTrial>> All { get; } =
    [
        new("games-without-errors", "Any legal actions can be played.", WithoutErrorsAsync),
        new("any-text-is-taken", "Where an observation has no choices, any text can be played.", AnyTextIsTakenAsync),
        new("every-game-ends", "Every game ends by its rules, or is truncated.", EveryGameEndsAsync),
        new("done-stays-done", "A seat that was terminated or truncated stays so to the end of the game.", DoneStaysDoneAsync),
        new("done-is-not-asked", "A seat that was terminated or truncated is shown no observation.", DoneIsNotAskedAsync),
        new("winners-are-seats", "Whoever is named as a winner in a game that is played is one of its seats, and named once.", WinnersAreSeatsAsync),
        new("winners-at-the-end", "Nobody has won before the game is over.", WinnersAtTheEndAsync),
        new("actions-stay-as-they-are", "An environment does not change the actions that it is given.", ActionsStayAsync),
    ];

    private static async Task WithoutErrorsAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
            Check(trial, seats, game, "random actions");
        for (var choice = 0; choice < 8 && trial.Options.Answer is null; choice++)
        {
            var (environment, always) = (trial.Create(), choice);
            foreach (var seats in trial.SeatCounts(environment))
            {
                var game = await trial.PlayAsync(
                    environment, seats, trial.Seed(),
                    (asked, random) => asked.Choices.IsDefaultOrEmpty ? trial.Answer(asked, random) : asked.Choices[always % asked.Choices.Length]).ConfigureAwait(false);
                Check(trial, seats, game, $"choice {always} in every step");
            }
        }
    }

    private static async Task AnyTextIsTakenAsync(EnvironmentTrial trial)
    {
        for (var i = 0; i < trial.Options.Games; i++)
        {
            var environment = trial.Create();
            foreach (var seats in trial.SeatCounts(environment))
            {
                var game = await trial.PlayAsync(
                    environment, seats, trial.Seed(),
                    (asked, random) => asked.Choices.IsDefaultOrEmpty ? OddTexts[random.Next(OddTexts.Length)] : trial.Answer(asked, random)).ConfigureAwait(false);
                if (game.Shown is [.., var last] && last.Seats.Any(seat => seat?.Observation is { Choices.IsDefaultOrEmpty: true }))
                    Check(trial, seats, game, "texts of all sorts");
            }
        }
    }

    private static void Check(EnvironmentTrial trial, int seats, PlayedGame game, string actions)
    {
        if (game.Error is { } error)
            throw trial.Violated($"a game of {seats} with {actions} to be played", $"after {game.Shown.Count} of its steps there was {trial.Tell(error)}", error);
    }

    private static async Task EveryGameEndsAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
            trial.Expect(game.IsOver, $"a game of {seats} to be over after {trial.Options.MaxSteps} steps", "it was not");
    }

    private static async Task DoneStaysDoneAsync(EnvironmentTrial trial)
    {
        foreach (var (_, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var (before, after) in game.Shown.Zip(game.Shown.Skip(1)))
            {
                foreach (var (seat, (was, @is)) in before.Seats.Zip(after.Seats).Index())
                {
                    trial.Expect(@is is null || was is not { Terminated: true } || @is.Terminated, $"seat {seat} to stay terminated", "it was no longer");
                    trial.Expect(@is is null || was is not { Truncated: true } || @is.Truncated, $"seat {seat} to stay truncated", "it was no longer");
                }
            }
        }
    }

    private static async Task DoneIsNotAskedAsync(EnvironmentTrial trial)
    {
        foreach (var seat in await trial.SeatStepsAsync().ConfigureAwait(false))
        {
            trial.Expect(
                !(seat.Terminated || seat.Truncated) || seat.Observation is null,
                "no observation for a seat that is done", $"it was asked '{seat.Observation?.Prompt}'");
        }
    }

    private static async Task WinnersAreSeatsAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var winners in game.Shown.Where(step => !step.Winners.IsDefault).Select(step => step.Winners))
            {
                trial.Expect(winners.All(winner => winner >= 0 && winner < seats), $"winners from 0 to {seats - 1}", $"they were {string.Join(", ", winners)}");
                trial.Expect(winners.Distinct().Count() == winners.Length, "winners to be named once", $"they were {string.Join(", ", winners)}");
            }
        }
    }

    private static async Task WinnersAtTheEndAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var (index, step) in game.Shown.Index())
                trial.Expect(step.Winners.IsDefaultOrEmpty || step.IsOver, $"no winners while a game of {seats} goes on", $"there were some at step {index}");
        }
    }

    private static async Task ActionsStayAsync(EnvironmentTrial trial)
    {
        var environment = trial.Create();
        foreach (var seats in trial.SeatCounts(environment))
        {
            var game = trial.Game(environment, seats, trial.Seed());
            await game.NextAsync().ConfigureAwait(false);
            if (game.IsOver)
                continue;
            var actions = game.Actions();
            var given = actions.ToList();
            try
            {
                await environment.StepAsync(given, default).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Another rule's to say.
            }

            trial.ExpectList(actions, given, "the actions behind the step");
        }
    }
}

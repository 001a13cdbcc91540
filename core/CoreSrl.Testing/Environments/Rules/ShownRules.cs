namespace CoreSrl.Testing;

/// <summary>What seats are shown.</summary>
internal static class ShownRules
{
    public static IEnumerable<Rule<EnvironmentTrial>> All { get; } =
    [
        new("seats-are-a-range", "An environment seats one or more, from the fewest to the most, always the same.", AreARange),
        new("every-seat-is-shown", "A reset and a step show one entry per seat, with the fewest seats, with the most and between.", EverySeatIsShownAsync),
        new("nothing-is-null", "No list, entry or prompt is missing; those that hold nothing are empty.", NothingIsNullAsync),
        new("rewards-begin-at-zero", "At the reset rewards are 0.", RewardsBeginAtZeroAsync),
        new("games-begin", "At the reset a game is not over, and somebody is asked.", GamesBeginAsync),
        new("choices-are-distinct", "Choices are distinct and none is empty.", ChoicesAreDistinctAsync),
        new("rewards-are-finite", "Rewards are finite numbers.", RewardsAreFiniteAsync),
        new("cooperation-is-a-share", "Cooperation is a number from 0 to 1, or null where a game knows none.", CooperationIsAShareAsync),
        new("info-is-finite", "Info holds finite numbers by name.", InfoIsFiniteAsync),
    ];

    private static void AreARange(EnvironmentTrial trial)
    {
        var environment = trial.Create();
        var seats = environment.Seats;
        trial.Expect(seats.Minimum >= 1, "a minimum of 1 seat or more", $"it was {seats.Minimum}");
        trial.Expect(seats.Maximum >= seats.Minimum, $"a maximum of {seats.Minimum} seats or more", $"it was {seats.Maximum}");
        trial.ExpectSame(seats, environment.Seats, "the seats when asked again");
        trial.ExpectSame(seats, trial.Create().Seats, "the seats of another instance");
    }

    private static async Task EverySeatIsShownAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var (index, step) in game.Shown.Index())
                trial.ExpectSame(seats, step.Seats.Length, $"the number of entries {When(index)}");
        }
    }

    private static async Task NothingIsNullAsync(EnvironmentTrial trial)
    {
        foreach (var (_, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var (index, step) in game.Shown.Index())
            {
                trial.Expect(!step.Winners.IsDefault, "a list of winners; an empty one is one", $"it was not initialised {When(index)}");
                foreach (var seat in step.Seats)
                {
                    trial.Expect(seat is not null, "an entry for each seat", $"one was null {When(index)}");
                    trial.Expect(seat!.Info is not null, "info; an empty one is one", $"it was null {When(index)}");
                    trial.Expect(seat.Observation is not { Prompt: null }, "a prompt in an observation", $"it was null {When(index)}");
                    trial.Expect(
                        seat.Observation is not { Choices.IsDefault: true },
                        "a list of choices in an observation; an empty one is one", $"it was not initialised {When(index)}");
                }
            }
        }
    }

    private static async Task RewardsBeginAtZeroAsync(EnvironmentTrial trial)
    {
        foreach (var (_, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            foreach (var seat in game.Shown.Take(1).SelectMany(first => first.Seats))
                trial.ExpectSame(0, seat?.Reward ?? 0, "a reward at the reset");
        }
    }

    private static async Task GamesBeginAsync(EnvironmentTrial trial)
    {
        foreach (var (seats, game) in await trial.GamesAsync().ConfigureAwait(false))
        {
            if (game.Shown is not [var first, ..])
                continue;
            trial.Expect(!first.IsOver, $"a game of {seats} to begin", "it was over at the reset");
            trial.Expect(first.Seats.Any(seat => seat?.Observation is not null), $"somebody to be asked at the reset of a game of {seats}", "nobody was");
        }
    }

    private static async Task ChoicesAreDistinctAsync(EnvironmentTrial trial)
    {
        foreach (var asked in (await trial.SeatStepsAsync().ConfigureAwait(false)).Select(seat => seat.Observation))
        {
            if (asked is null || asked.Choices.IsDefaultOrEmpty)
                continue;
            var words = $"'{string.Join("', '", asked.Choices)}'";
            trial.Expect(!asked.Choices.Any(string.IsNullOrEmpty), "no choice to be empty", $"of {words} one is, at '{asked.Prompt}'");
            trial.Expect(
                asked.Choices.Distinct(StringComparer.Ordinal).Count() == asked.Choices.Length,
                "choices to be distinct", $"of {words} some are alike, at '{asked.Prompt}'");
        }
    }

    private static async Task RewardsAreFiniteAsync(EnvironmentTrial trial)
    {
        foreach (var seat in await trial.SeatStepsAsync().ConfigureAwait(false))
            trial.Expect(double.IsFinite(seat.Reward), "a finite reward", $"it was {seat.Reward}");
    }

    private static async Task CooperationIsAShareAsync(EnvironmentTrial trial)
    {
        foreach (var seat in await trial.SeatStepsAsync().ConfigureAwait(false))
            trial.Expect(seat.Cooperation is null or (>= 0 and <= 1), "cooperation from 0 to 1", $"it was {seat.Cooperation}");
    }

    private static async Task InfoIsFiniteAsync(EnvironmentTrial trial)
    {
        foreach (var (name, value) in (await trial.SeatStepsAsync().ConfigureAwait(false)).SelectMany(seat => seat.Info ?? new Dictionary<string, double>()))
        {
            trial.Expect(double.IsFinite(value), $"info '{name}' to be a finite number", $"it was {value}");
            trial.Expect(!string.IsNullOrWhiteSpace(name) && !name.Any(char.IsControl), "info to have a name of one line", $"it was '{name}'");
        }
    }

    private static string When(int index) => index == 0 ? "at the reset" : $"at step {index}";
}

namespace CoreSrl.Testing;

/// <summary>Who can play.</summary>
internal static class SeatRules
{
    public static IEnumerable<Rule<EnvironmentTrial>> All { get; } =
    [
        new("seats-are-a-range", "An environment seats one or more, from the fewest to the most.", AreARange),
    ];

    private static void AreARange(EnvironmentTrial trial)
    {
        var seats = trial.Create().Seats;
        trial.Expect(seats.Minimum >= 1, "a minimum of 1 seat or more", $"it was {seats.Minimum}");
        trial.Expect(seats.Maximum >= seats.Minimum, $"a maximum of {seats.Minimum} seats or more", $"it was {seats.Maximum}");
    }
}

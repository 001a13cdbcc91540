using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of environments on trial.</summary>
internal sealed class EnvironmentTrial(ConformanceRule rule, Func<IEnvironment> create, EnvironmentConformanceOptions options)
    : PluginTrial<IEnvironment>(rule, create, options)
{
    private static readonly string[] Words = ["yes", "no", "7", "-3", "42", "a", "b", "left", "right", "hello there"];

    public EnvironmentConformanceOptions Options => options;

    /// <summary>How many may play: the fewest, the most, and numbers between.</summary>
    public IReadOnlyList<int> SeatCounts(IEnvironment environment)
    {
        var fewest = Math.Max(1, environment.Seats.Minimum);
        var most = Math.Max(fewest, Math.Min(environment.Seats.Maximum, options.MaxSeats));
        return [.. new[] { fewest, most, Random.Next(fewest, most + 1) }.Distinct()];
    }

    /// <summary>A game that nobody has begun.</summary>
    public PlayedGame Game(IEnvironment environment, int seats, ulong seed, Func<Observation, Random, string>? answer = null) =>
        new(environment, seats, seed, answer ?? Answer);

    /// <summary>A game from its reset to its end.</summary>
    public Task<PlayedGame> PlayAsync(IEnvironment environment, int seats, ulong seed, Func<Observation, Random, string>? answer = null) =>
        Game(environment, seats, seed, answer).PlayAsync(options.MaxSteps);

    /// <summary>Games with any numbers of players, each in an environment of its own.</summary>
    public async Task<IReadOnlyList<(int Seats, PlayedGame Game)>> GamesAsync()
    {
        List<(int, PlayedGame)> games = [];
        for (var i = 0; i < options.Games; i++)
        {
            var environment = Create();
            var counts = SeatCounts(environment);
            var seats = counts[i % counts.Count];
            games.Add((seats, await PlayAsync(environment, seats, Seed()).ConfigureAwait(false)));
        }

        return games;
    }

    /// <summary>Everything that any seat was shown in those games.</summary>
    public async Task<IReadOnlyList<SeatStep>> SeatStepsAsync() =>
        [.. (await GamesAsync().ConfigureAwait(false)).SelectMany(played => played.Game.Shown).SelectMany(step => step.Seats).Where(seat => seat is not null)];

    /// <summary>Seeds a game.</summary>
    public ulong Seed() => (ulong)Random.NextInt64();

    /// <summary>Fails unless a game is as it was before, in the same environment; one with a memory that travels in checkpoints may go another way.</summary>
    public void ExpectSameGame(PlayedGame expected, PlayedGame found, IEnvironment environment, string what)
    {
        if (!StateRules.Remembers(environment))
            ExpectList(expected.Words(), found.Words(), what);
    }

    /// <summary>A legal answer.</summary>
    public string Answer(Observation observation, Random random) =>
        options.Answer is { } answer ? answer(observation, random)
            : observation.Choices.IsDefaultOrEmpty ? Words[random.Next(Words.Length)] : observation.Choices[random.Next(observation.Choices.Length)];
}

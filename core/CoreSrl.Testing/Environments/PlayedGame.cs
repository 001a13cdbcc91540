using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>A game that is played to its end as the trainer plays it: whoever is shown an observation answers. An error ends it and is part of the record.</summary>
/// <param name="environment">Plays it.</param>
/// <param name="seats">How many play.</param>
/// <param name="seed">Decides the game, and with it what is answered.</param>
/// <param name="answer">Answers.</param>
internal sealed class PlayedGame(IEnvironment environment, int seats, ulong seed, Func<Observation, Random, string> answer)
{
    private readonly Random _random = new(unchecked((int)seed));

    /// <summary>What was shown: first at the reset, then at each step.</summary>
    public List<EnvironmentStep> Shown { get; } = [];

    /// <summary>What was thrown, if anything was.</summary>
    public Exception? Error { get; private set; }

    public bool IsOver => Error is not null || (Shown.Count > 0 && Shown[^1].IsOver);

    /// <summary>The reset, or one more step.</summary>
    public async Task NextAsync()
    {
        try
        {
            Shown.Add(Shown.Count == 0
                ? await environment.ResetAsync(seats, seed, default).ConfigureAwait(false)
                : await environment.StepAsync(Actions(), default).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Error = e;
        }
    }

    /// <summary>All of it, or its beginning.</summary>
    /// <param name="maxSteps">After how many steps it is broken off.</param>
    public async Task<PlayedGame> PlayAsync(int maxSteps)
    {
        while (!IsOver && Shown.Count <= maxSteps)
            await NextAsync().ConfigureAwait(false);
        return this;
    }

    /// <summary>The answers to what was shown last: one text per seat, null for one that was not asked.</summary>
    public List<string?> Actions()
    {
        var last = Shown[^1].Seats;
        return [.. Enumerable.Range(0, seats).Select(seat => seat < last.Length && last[seat]?.Observation is { } observation ? answer(observation, _random) : null)];
    }

    /// <summary>Each step in words, so that games can be compared.</summary>
    public IReadOnlyList<string> Words() => [.. Shown.Select(Words), .. Error is { } error ? [$"{error.GetType().Name}: {error.Message}"] : Array.Empty<string>()];

    private static string Words(EnvironmentStep step) =>
        string.Join("; ", step.Seats.Select(Words)) + (step.Winners.IsDefaultOrEmpty ? "" : $"; won by {string.Join(", ", step.Winners)}");

    private static string Words(SeatStep? seat) => seat is null ? "nothing"
        : $"{(seat.Observation is { } asked ? $"'{asked.Prompt}' [{string.Join('|', asked.Choices.IsDefault ? [] : asked.Choices)}]" : "not asked")} reward {seat.Reward:R}"
            + $"{(seat.Terminated ? " terminated" : "")}{(seat.Truncated ? " truncated" : "")}{(seat.Cooperation is { } cooperation ? $" cooperation {cooperation:R}" : "")}"
            + string.Concat((seat.Info ?? new Dictionary<string, double>()).OrderBy(info => info.Key, StringComparer.Ordinal).Select(info => $" {info.Key} {info.Value:R}"));
}

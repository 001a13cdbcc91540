using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>How <see cref="EnvironmentConformance"/> plays.</summary>
public sealed record EnvironmentConformanceOptions : ConformanceOptions
{
    /// <summary>Answers an observation, so that games get beyond their beginning. The random numbers are those to draw from.</summary>
    /// <value>Default: one of the choices; where there are none, a short word or a number.</value>
    public Func<Observation, Random, string>? Answer { get; init; }

    /// <summary>After how many steps every game is over.</summary>
    /// <value>Default 1,000, at which the trainer cuts games off unless told otherwise.</value>
    public int MaxSteps { get; init; } = 1_000;

    /// <summary>
    /// How many games each rule plays, with the fewest seats, the most and a number between in turn. Every step of all of them is looked
    /// at: what an environment does in each game is found for certain, what it does seldom only if one of these games shows it.
    /// </summary>
    /// <value>Default 20.</value>
    public int Games { get; init; } = 20;

    /// <summary>How many seats at most are filled.</summary>
    /// <value>Default 16.</value>
    public int MaxSeats { get; init; } = 16;
}

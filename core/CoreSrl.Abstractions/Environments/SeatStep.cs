using System.Collections.ObjectModel;

namespace CoreSrl.Abstractions;

/// <summary>What one seat is shown.</summary>
public sealed record SeatStep
{
    /// <summary>What the seat must answer next; null when it does not act in the next step.</summary>
    public Observation? Observation { get; init; }

    /// <summary>The reward for the step just taken: a finite number.</summary>
    public double Reward { get; init; }

    /// <summary>Whether the game has ended for this seat by its own rules.</summary>
    public bool Terminated { get; init; }

    /// <summary>Whether the game was cut off for this seat from outside (a step limit).</summary>
    public bool Truncated { get; init; }

    /// <summary>How cooperative the step just taken was, 0 to 1; null when the game has no such notion. The mean over a run is the
    /// model's <c>cooperation_score</c>.</summary>
    public double? Cooperation { get; init; }

    /// <summary>Whatever else is worth knowing about the step just taken, as finite numbers by name. Its mean over an episode's steps
    /// and seats becomes the metric <c>info/NAME</c>.</summary>
    public IReadOnlyDictionary<string, double> Info { get; init; } = ReadOnlyDictionary<string, double>.Empty;
}

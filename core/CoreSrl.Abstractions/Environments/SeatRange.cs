namespace CoreSrl.Abstractions;

/// <summary>How many players a game can seat.</summary>
/// <param name="Minimum">The fewest, at least 1.</param>
/// <param name="Maximum">The most, at least <paramref name="Minimum"/>.</param>
public readonly record struct SeatRange(int Minimum, int Maximum)
{
    /// <summary>Whether the game can be played by so many.</summary>
    public bool Contains(int seats) => seats >= Minimum && seats <= Maximum;

    /// <inheritdoc/>
    public override string ToString() => Minimum == Maximum ? $"{Minimum}" : $"{Minimum} to {Maximum}";
}

using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>What a game shows after its reset or a step.</summary>
/// <param name="Seats">One entry per seat, in seat order.</param>
/// <param name="Winners">The seats that won, once the game is over; none in a draw.</param>
public sealed record EnvironmentStep(ImmutableArray<SeatStep> Seats, params ImmutableArray<int> Winners)
{
    /// <summary>Whether no seat plays on.</summary>
    public bool IsOver => Seats.All(seat => seat.Terminated || seat.Truncated);
}

namespace CoreSrl.Abstractions;

/// <summary>
/// One game with seats for models, in the manner of PettingZoo's parallel API: at every step all seats that are still playing act
/// at once. The engine creates one instance per parallel game, all with the same options.
/// </summary>
/// <remarks>
/// A game is played one call at a time, on whichever thread. Everything random in it follows from the seed of
/// <see cref="ResetAsync"/>; nothing is carried from one game to the next (what must be, see <see cref="IStatefulPlugin"/>).
/// An exception ends the run, after the last good episode boundary has been saved, and so does a call that does not come back within
/// <c>Plugins:WorkTimeLimit</c>. PettingZoo: Terry et al. 2021, arXiv:2009.14471.
/// </remarks>
public interface IEnvironment
{
    /// <summary>How many seats a game can have. When it cannot seat all models of a run but can seat one, each model plays alone.</summary>
    SeatRange Seats { get; }

    /// <summary>Begins a game.</summary>
    /// <param name="seats">The number of players, within <see cref="Seats"/>.</param>
    /// <param name="seed">Games of one seed begin alike. The games of a group share one, so that their returns can be compared.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The first observations; rewards are 0.</returns>
    ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken);

    /// <summary>Plays one step. Not called once every seat is done.</summary>
    /// <param name="actions">One text per seat; null for a seat that had no observation. Where the observation had choices, one of them.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken);
}

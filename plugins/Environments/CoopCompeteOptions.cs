using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.Environments;

/// <summary>The options of the <c>coop-compete</c> environment.</summary>
public sealed record CoopCompeteOptions
{
    /// <summary>The rounds of a game; each is one move of every seat.</summary>
    /// <value>Default: 4.</value>
    [Range(1, 100)]
    public int Rounds { get; init; } = 4;

    /// <summary>How much cooperating together pays: at 0 no more than all defecting, at 1 as much as the best that a lone defector
    /// can get. Everywhere between, the game is a social dilemma (see <see cref="PublicGoods"/>).</summary>
    /// <value>Default: 0.6.</value>
    [Range(0.0, 1.0)]
    public double CooperationLevel { get; init; } = 0.6;

    /// <summary>The probability that a seat's hand trembles, so that the opposite of its move is played.</summary>
    /// <value>Default: 0.</value>
    [Range(0.0, 1.0)]
    public double Noise { get; init; }
}

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// The payoffs of the linear public-goods game. Each of N seats holds 1 and keeps it (defects) or gives it to a common pot
/// (cooperates); the pot pays every seat m for each gift in it. With k gifts, a seat that gives c (0 or 1) earns 1 − c + m·k.
/// </summary>
/// <remarks>
/// <para>m is the marginal per-capita return. Giving costs 1 and returns m to the giver, so keeping is dominant when m is below 1;
/// all together a gift returns N·m, so giving is best for the group when m is above 1/N. Between the two lies the dilemma:
/// <c>m = 1/N + level·(1 − 1/N)</c> runs from one bound to the other as the level runs from 0 to 1. With two seats it is a
/// prisoner's dilemma. Source: Ledyard 1995, "Public Goods: A Survey of Experimental Research", in Kagel and Roth (eds.), The
/// Handbook of Experimental Economics, chapter 2.</para>
/// <para>The reward is that payoff, moved and scaled so that all defecting earns 0 and defecting alone, the most there is, earns 1:
/// <c>(m·k − c) / (m·(N − 1))</c>. Cooperating alone earns the least, never below −1. Neither changes who prefers what.</para>
/// </remarks>
public static class PublicGoods
{
    /// <summary>What one gift pays every seat: the marginal per-capita return.</summary>
    /// <param name="seats">N, at least 2.</param>
    /// <param name="level">0 to 1.</param>
    /// <returns>1/N to 1.</returns>
    public static double MarginalReturn(int seats, double level) => 1.0 / seats + level * (1 - 1.0 / seats);

    /// <summary>What a seat's move earns it.</summary>
    /// <param name="seats">N, at least 2.</param>
    /// <param name="level">0 to 1.</param>
    /// <param name="cooperates">Whether this seat gives.</param>
    /// <param name="gifts">How many of all seats give, this one included.</param>
    /// <returns>−1 to 1.</returns>
    public static double Reward(int seats, double level, bool cooperates, int gifts)
    {
        var m = MarginalReturn(seats, level);
        return (m * gifts - (cooperates ? 1 : 0)) / (m * (seats - 1));
    }
}

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// 0 up to some length, falling to -1 over the last stretch before the longest that is allowed, and -1 beyond it; lengths in characters
/// (UTF-16).
/// </summary>
/// <remarks>The soft overlong punishment of DAPO: Yu et al. 2025, arXiv:2503.14476, equation 13.</remarks>
internal sealed class LengthPenalty(int longest, int stretch) : IReward
{
    public double Of(Question question, string text) =>
        text.Length > longest ? -1 : Math.Min(0, (longest - stretch - text.Length) / (double)stretch);
}

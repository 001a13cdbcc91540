using System.Globalization;
using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// 1 where the last number in a text is the last number in one of the answers, so that a text may say how it came there; else 0.
/// <c>1,234.50</c> and <c>1234.5</c> are one number, and <c>-</c> in front of one counts unless it stands between two.
/// </summary>
/// <remarks>As GSM8K's answers are checked: Cobbe et al. 2021, "Training Verifiers to Solve Math Word Problems", arXiv:2110.14168.</remarks>
internal sealed partial class NumberMatch : IReward
{
    public double Of(Question question, string text) =>
        LastNumber(text) is { } number && question.Answers.Any(answer => LastNumber(answer) == number) ? 1 : 0;

    /// <summary>The last number in a text; null where there is none, or only ones of more than 28 digits.</summary>
    public static decimal? LastNumber(string text)
    {
        foreach (Match match in Number().Matches(text))
        {
            if (decimal.TryParse(match.ValueSpan, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return null;
    }

    // Commas only where they part thousands. Read from the right, so that the first match is the last number.
    [GeneratedRegex(@"(?:(?<![\d)\p{L}]\s*)-)?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", RegexOptions.RightToLeft | RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}

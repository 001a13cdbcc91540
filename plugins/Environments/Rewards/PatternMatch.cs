using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// 1 where a regular expression matches somewhere in a text; else 0. With a group named <c>answer</c>, what it holds must be one of the
/// answers besides.
/// </summary>
/// <remarks>The expression is matched without backtracking, in time linear in the text, so no answer can hold a game up; look-around and
/// back-references do not go with that.</remarks>
internal sealed class PatternMatch(string pattern) : IReward
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private const string AnswerGroup = "answer";

    private readonly Regex _pattern = new(pattern, Options);

    /// <summary>What is wrong with an expression; null when nothing is.</summary>
    public static string? Problem(string pattern)
    {
        try
        {
            _ = new Regex(pattern, Options);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
        catch (NotSupportedException)
        {
            return "look-around and back-references are not possible here, because matching must not backtrack";
        }
    }

    public double Of(Question question, string text) =>
        _pattern.Match(text) is { Success: true } match && (!match.Groups.ContainsKey(AnswerGroup) || question.IsRight(match.Groups[AnswerGroup].Value)) ? 1 : 0;
}

using System.Collections.Immutable;

namespace CoreSrl.Plugins.Environments;

/// <summary>A question whose answer can be checked.</summary>
/// <param name="Prompt">What is asked.</param>
/// <param name="Answers">The texts that count as right, at least one.</param>
/// <param name="Choices">The answers to choose from; empty when any text may be given.</param>
public sealed record Question(string Prompt, ImmutableArray<string> Answers, ImmutableArray<string> Choices)
{
    /// <summary>Whether a text is right: equal to one of the answers, apart from case and from white space around it.</summary>
    public bool IsRight(string text) =>
        Answers.Any(answer => answer.AsSpan().Trim().Equals(text.AsSpan().Trim(), StringComparison.OrdinalIgnoreCase));
}

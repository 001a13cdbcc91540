using CoreSrl.Plugins.ChatModels.Prompts;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Which choice an answer means.</summary>
public sealed class ChoiceReaderTests
{
    [Theory]
    [InlineData("5", "4|5|6", "5")]
    [InlineData(" 5\n", "4|5|6", "5")]
    [InlineData("**5**.", "4|5|6", "5")]
    [InlineData("\"Keep\"", "give|keep", "keep")]
    [InlineData("The answer is 5.", "4|5|6", "5")]
    [InlineData("I will KEEP it", "give|keep", "keep")]
    [InlineData("15", "4|5|6", null)]
    [InlineData("4 or 5", "4|5|6", null)]
    [InlineData("keeper", "give|keep", null)]
    [InlineData("", "give|keep", null)]
    [InlineData("neither", "give|keep", null)]
    [InlineData("It is very warm.", "warm|very warm", "very warm")]
    [InlineData("It is warm, not very warm.", "warm|very warm", null)]
    [InlineData("warm", "warm|very warm", "warm")]
    [InlineData("yes", "yes|Yes|YES| yes", "yes")]
    [InlineData(" yes", "yes|Yes|YES| yes", " yes")]
    [InlineData("YES", "yes|Yes|YES| yes", "YES")]
    [InlineData("yEs", "yes|Yes|YES| yes", null)]
    [InlineData("c", "C|c|d", "c")]
    [InlineData("So: C!", "C|c|d", "C")]
    [InlineData("-1", "1|-1", "-1")]
    [InlineData("I say -1", "1|-1", "-1")]
    [InlineData("漢字", "äöü|漢字", "漢字")]
    [InlineData("Ich sage: ÄÖÜ", "äöü|漢字", "äöü")]
    [InlineData("\n", "\n| |\t", "\n")]
    public void An_answer_means(string answer, string choices, string? meant) =>
        Assert.Equal(meant, ChoiceReader.Read(answer, [.. choices.Split('|')]) is { } index ? choices.Split('|')[index] : null);
}

using System.Text.Json.Serialization;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.ChatModels.Learning;

/// <summary>Something that a model was asked, and what came of its answers.</summary>
/// <param name="Prompt">The text that was asked.</param>
/// <param name="Choices">The answers that were allowed; none for free text.</param>
/// <param name="Plays">How often it was played.</param>
/// <param name="TotalReturn">The sum of all its returns.</param>
/// <param name="Answers">The answers that are remembered, the first given first.</param>
internal sealed record Situation(string Prompt, IReadOnlyList<string> Choices, long Plays, double TotalReturn, IReadOnlyList<RememberedAnswer> Answers)
{
    /// <summary>Whether the counts can be.</summary>
    [JsonIgnore]
    public bool IsSound => Choices.All(choice => choice is not null)
        && Answers.Count > 0 && Answers.All(answer => answer is { Plays: > 0 } && double.IsFinite(answer.TotalReturn))
        && Answers.Sum(answer => answer.Plays) <= Plays && double.IsFinite(TotalReturn);

    /// <summary>What was asked.</summary>
    public Observation ToObservation() => new(Prompt, [.. Choices]);

    /// <summary>The best answer by its mean return, the first of equals, with how much better it did than all others on average; null
    /// where none did better than another.</summary>
    public (RememberedAnswer Answer, double Margin)? Best() => Answers
        .Select(answer => (Answer: answer, Margin: MarginOf(answer)))
        .OrderByDescending(candidate => candidate.Answer.MeanReturn)
        .FirstOrDefault() is { Margin: > 0 } best ? best : null;

    /// <summary>By how much an answer's mean return is above that of all other plays; 0 where there are none.</summary>
    public double MarginOf(RememberedAnswer answer) =>
        answer.Plays == Plays ? 0 : answer.MeanReturn - ((TotalReturn - answer.TotalReturn) / (Plays - answer.Plays));

    /// <summary>The situation with one more play.</summary>
    public Situation With(string text, double gained)
    {
        var known = Answers.Any(answer => answer.Text == text);
        IEnumerable<RememberedAnswer> answers = known
            ? Answers.Select(answer => answer.Text == text ? answer.With(gained) : answer)
            : Answers.Append(new(text, 1, gained));
        return this with { Plays = Plays + 1, TotalReturn = TotalReturn + gained, Answers = [.. answers] };
    }
}

/// <summary>An answer and what came of it.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Plays">How often it was given.</param>
/// <param name="TotalReturn">The sum of its returns.</param>
internal sealed record RememberedAnswer(string Text, long Plays, double TotalReturn)
{
    /// <summary>Its mean return.</summary>
    [JsonIgnore]
    public double MeanReturn => TotalReturn / Plays;

    /// <summary>The answer with one more play.</summary>
    public RememberedAnswer With(double gained) => this with { Plays = Plays + 1, TotalReturn = TotalReturn + gained };
}

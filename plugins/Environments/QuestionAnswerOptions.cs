using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.Environments;

/// <summary>The options of the <c>question-answer</c> environment.</summary>
public sealed record QuestionAnswerOptions : IValidatableObject
{
    /// <summary>The file of questions, one JSON object per line (see <see cref="QuestionFile"/>); a relative path counts from the
    /// current directory.</summary>
    /// <value>Default: <c>sample-questions.jsonl</c> beside the plugin.</value>
    [MinLength(1)]
    public string? File { get; init; }

    /// <summary>Who answers: <c>solo</c> or <c>race</c>.</summary>
    /// <value>Default: <c>solo</c>.</value>
    [EnumDataType(typeof(QuestionMode))]
    public QuestionMode Mode { get; init; } = QuestionMode.Solo;

    /// <summary>The questions of a game, no two the same; a file with fewer asks each of its own once.</summary>
    /// <value>Default: 2.</value>
    [Range(1, 100)]
    public int QuestionsPerGame { get; init; } = 2;

    /// <summary>The reward for a wrong answer; a right one earns at least 1. Where there are <see cref="Rewards"/>, they say it.</summary>
    /// <value>Default: 0.</value>
    [Range(-1.0, 1.0)]
    public double WrongReward { get; init; }

    /// <summary>What answers are worth: the sum of these, each with its weight. An answer is right when the first of them is 1 for it. What
    /// each of them was, on average, becomes the metric <c>info/reward/NAME</c>.</summary>
    /// <value>Default none: 1 for an exact match, and <see cref="WrongReward"/> for any other text.</value>
    [MinLength(1)]
    public IReadOnlyList<RewardOptions>? Rewards { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < (Rewards?.Count ?? 0); i++)
        {
            foreach (var (option, problem) in Rewards![i].Problems())
                yield return new($"the reward {i} ({Rewards[i].Name}): {option}: {problem}", [nameof(Rewards)]);
        }

        if (Rewards is [{ Name: RewardOptions.LengthPenalty }, ..])
            yield return new("the first of them says which answers are right, and length-penalty never does: begin with another", [nameof(Rewards)]);
        if (Rewards is not null && WrongReward != 0)
            yield return new("with Rewards a wrong answer is worth what they say: leave one of them out", [nameof(WrongReward)]);
    }
}

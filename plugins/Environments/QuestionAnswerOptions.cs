using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.Environments;

/// <summary>The options of the <c>question-answer</c> environment.</summary>
public sealed record QuestionAnswerOptions
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

    /// <summary>The reward for a wrong answer; a right one earns at least 1.</summary>
    /// <value>Default: 0.</value>
    [Range(-1.0, 1.0)]
    public double WrongReward { get; init; }
}

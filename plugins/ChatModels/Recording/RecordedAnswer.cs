using CoreSrl.Plugins.ChatModels.Asking;

namespace CoreSrl.Plugins.ChatModels.Recording;

/// <summary>A line of a recording: what was asked, and what came of it.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Answer">The answer; null where the server stayed out of reach.</param>
/// <param name="Unavailable">Why the server stayed out of reach; null where it answered.</param>
internal sealed record RecordedAnswer(string Model, Question Question, Answer? Answer, string? Unavailable)
{
    /// <summary>What came of it.</summary>
    /// <exception cref="UnavailableException">Nothing.</exception>
    public Answer Use() => Answer ?? throw new UnavailableException(Unavailable!);
}

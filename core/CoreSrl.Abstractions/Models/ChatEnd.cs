namespace CoreSrl.Abstractions;

/// <summary>How an answer ended, and what it took.</summary>
/// <param name="IsComplete">Whether the model ended it, or a stop string did; false when it had no more tokens to write.</param>
/// <param name="PromptTokens">The tokens of the conversation as the model read it.</param>
/// <param name="AnswerTokens">The tokens that were drawn, the one that ended the answer included.</param>
public sealed record ChatEnd(bool IsComplete, int PromptTokens, int AnswerTokens);

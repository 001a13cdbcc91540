namespace CoreSrl.Abstractions;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who says it: <c>system</c>, <c>user</c> or <c>assistant</c>; a model may know others.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatTurn(string Role, string Content);

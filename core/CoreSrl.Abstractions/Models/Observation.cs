using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>What a seat sees when it is its turn.</summary>
/// <param name="Prompt">The text to answer.</param>
/// <param name="Choices">The answers allowed, distinct and none empty; with none, any text is allowed.</param>
public sealed record Observation(string Prompt, params ImmutableArray<string> Choices);

namespace CoreSrl.Abstractions;

/// <summary>A conversation to answer. What is null is as the model's own options say.</summary>
/// <param name="Turns">What has been said so far, at least one.</param>
/// <param name="Seed">Seeds the sampling of this answer, and of no other.</param>
public sealed record ChatRequest(IReadOnlyList<ChatTurn> Turns, ulong Seed)
{
    /// <summary>Divides the logits; 0 writes the likeliest token each time. At least 0.</summary>
    public double? Temperature { get; init; }

    /// <summary>Each token is drawn from the fewest of the likeliest whose probabilities come to this; above 0, and up to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>The most tokens to write, at least 1. A model may have a limit of its own that goes before it.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts before the first of which the answer ends, none empty; they take the place of the model's own.</summary>
    public IReadOnlyList<string>? StopStrings { get; init; }
}

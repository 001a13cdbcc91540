namespace CoreSrl.Abstractions;

/// <summary>One turn of one model, with what came of it.</summary>
/// <param name="Observation">What the model saw.</param>
/// <param name="Response">What it answered.</param>
/// <param name="Return">The discounted sum of shaped rewards from this turn to the end of the game.</param>
/// <param name="Advantage">How much better that return was than the group's, normalised; the weight of this turn in the loss.</param>
public sealed record Experience(Observation Observation, ModelResponse Response, double Return, double Advantage);

using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>A model's answer to one request, with what it needs to learn from it later.</summary>
/// <param name="Text">The answer; one of the choices, to the letter, when the observation has choices.</param>
/// <param name="Actions">The actions taken, in an encoding of the model's own, handed back unchanged when it learns: the sampled
/// token ids of a free text, or the index of the choice.</param>
/// <param name="LogProbabilities">The natural logarithm of each action's probability when it was taken; as many as
/// <paramref name="Actions"/>.</param>
/// <param name="Entropy">The mean entropy of the distributions the actions were drawn from, in nats.</param>
public sealed record ModelResponse(string Text, ImmutableArray<int> Actions, ImmutableArray<float> LogProbabilities, double Entropy);

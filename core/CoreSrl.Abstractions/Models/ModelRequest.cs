namespace CoreSrl.Abstractions;

/// <summary>One observation for a model to answer.</summary>
/// <param name="Observation">What the seat sees.</param>
/// <param name="Seed">Seeds the sampling of this answer, and of no other.</param>
public sealed record ModelRequest(Observation Observation, ulong Seed);

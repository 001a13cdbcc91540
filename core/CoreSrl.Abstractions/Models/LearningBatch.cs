namespace CoreSrl.Abstractions;

/// <summary>What a model learns from in one update.</summary>
/// <param name="Experiences">Its own turns since its last update, at least one, in the order they were played.</param>
/// <param name="Settings">How to learn.</param>
/// <param name="Seed">Seeds whatever is random in learning (dropout).</param>
public sealed record LearningBatch(IReadOnlyList<Experience> Experiences, LearningSettings Settings, ulong Seed);

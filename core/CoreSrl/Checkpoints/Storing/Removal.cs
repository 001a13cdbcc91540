namespace CoreSrl.Checkpoints.Storing;

/// <summary>What can go of a run: a plan, by which nothing has been removed yet.</summary>
/// <param name="Checkpoints">The ids of the checkpoints that no policy keeps, newest first.</param>
/// <param name="BaseWeights">The digests of the base weights that no other checkpoint refers to.</param>
internal sealed record Removal(IReadOnlyList<string> Checkpoints, IReadOnlyList<string> BaseWeights);

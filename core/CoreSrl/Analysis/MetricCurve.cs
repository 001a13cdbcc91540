using CoreSrl.Abstractions;

namespace CoreSrl.Analysis;

/// <summary>One metric through the checkpoints of a run.</summary>
/// <param name="Name">The model's id; null for the metric of all models together.</param>
/// <param name="Points">A checkpoint each, by ascending episode.</param>
public sealed record MetricCurve(string? Name, IReadOnlyList<(SavedCheckpoint Checkpoint, double Value)> Points);

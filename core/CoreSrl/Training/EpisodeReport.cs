using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>An episode that has just been completed.</summary>
/// <param name="Progress">Where the run is.</param>
/// <param name="Models">The models' statistics, in the order of the configuration.</param>
public sealed record EpisodeReport(TrainingProgress Progress, IReadOnlyList<ModelState> Models);

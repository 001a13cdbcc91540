namespace CoreSrl.Abstractions;

/// <summary>The episode just completed, as a metadata contributor sees it.</summary>
/// <param name="Progress">Where the run is; its metrics hold the trainer's own.</param>
/// <param name="Models">The models' statistics, in the order of the configuration.</param>
public sealed record EpisodeSummary(TrainingProgress Progress, IReadOnlyList<ModelState> Models)
{
    /// <summary>How often each model gave which answer in this episode, over all its games, in the order of <see cref="Models"/>.
    /// Answers are the texts that the environment was given.</summary>
    /// <value>Default: empty.</value>
    public IReadOnlyList<IReadOnlyDictionary<string, long>> Answers { get; init; } = [];
}

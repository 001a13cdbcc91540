using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of policies on trial.</summary>
internal sealed class PolicyTrial(ConformanceRule rule, Func<ICheckpointPolicy> create, PolicyConformanceOptions options)
    : PluginTrial<ICheckpointPolicy>(rule, create, options)
{
    public PolicyConformanceOptions Options => options;

    /// <summary>A run's boundaries and checkpoints: metrics wander, and one boundary in ten is saved.</summary>
    public IEnumerable<(TrainingProgress Progress, IReadOnlyList<SavedCheckpoint> Saved)> Boundaries()
    {
        List<SavedCheckpoint> saved = [];
        var values = options.Metrics.ToDictionary(name => name, _ => Random.NextDouble());
        for (var episode = 1L; episode <= options.Episodes; episode++)
        {
            foreach (var name in options.Metrics)
                values[name] += Random.NextDouble() - 0.5;
            var metrics = new Dictionary<string, double>(values);
            var progress = new TrainingProgress
            {
                Episode = episode,
                MaxEpisodes = options.Episodes,
                EnvironmentSteps = episode * 8,
                Elapsed = TimeSpan.FromSeconds(episode * 3),
                HeldUp = TimeSpan.FromSeconds(saved.Count * 0.01),
                Metrics = metrics,
            };
            yield return (progress, [.. saved]);
            if (Random.Next(10) == 0)
            {
                saved.Insert(0, new()
                {
                    Id = $"run_ep_{episode}_{1_764_000_000 + (episode * 3)}",
                    RunId = "run",
                    Episode = episode,
                    Timestamp = DateTimeOffset.UnixEpoch.AddSeconds(1_764_000_000 + (episode * 3)),
                    EnvironmentSteps = progress.EnvironmentSteps,
                    Elapsed = progress.Elapsed,
                    HeldUp = progress.HeldUp,
                    Metrics = metrics,
                    SizeBytes = 1_000_000,
                });
            }
        }
    }
}

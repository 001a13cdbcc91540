using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>
/// A run as the engine leads it: metrics wander, a policy and others ask for checkpoints, and those that neither the policy nor
/// another keeps are removed. Everything random is drawn whatever the policy says, so runs of one seed differ by its answers alone.
/// </summary>
internal static class PolicyRun
{
    /// <summary>The boundaries of a run, the last one left out; at the first there is nothing saved yet.</summary>
    public static IReadOnlyList<Boundary> Of(ICheckpointPolicy policy, Random random, PolicyConformanceOptions options)
    {
        List<Boundary> boundaries = [];
        List<SavedCheckpoint> saved = [];
        var othersKeep = random.Next(2, 6);
        var values = options.Metrics.ToDictionary(name => name, _ => random.NextDouble());
        for (var (episode, seconds) = (1L, 0.0); episode < options.Episodes; episode++)
        {
            foreach (var name in options.Metrics)
                values[name] += random.NextDouble() - 0.45;
            seconds += 1 + random.NextDouble();
            var othersSave = random.Next(8) == 0;
            var boundary = new Boundary(
                new()
                {
                    Episode = episode,
                    MaxEpisodes = options.Episodes,
                    EnvironmentSteps = episode * 8,
                    Elapsed = TimeSpan.FromSeconds(seconds),
                    HeldUp = saved.Count == 0 ? TimeSpan.Zero : saved[0].HeldUp + TimeSpan.FromMilliseconds(saved[0].Episode % 5),
                    Metrics = new Dictionary<string, double>(values),
                },
                saved.AsReadOnly());
            boundaries.Add(boundary);
            var own = policy.WantsToSave(boundary, out var tags);
            if (!own && !othersSave)
                continue;
            saved = [Boundary.Checkpoint(boundary.Progress, tags), .. saved];
            var keep = policy.Keeps(saved.AsReadOnly());
            saved = [.. saved.Where((checkpoint, index) => index == 0 || keep.Contains(checkpoint.Id) || checkpoint.Episode % othersKeep == 0)];
        }

        return boundaries;
    }
}

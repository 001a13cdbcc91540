using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of policies on trial.</summary>
internal sealed class PolicyTrial(ConformanceRule rule, Func<ICheckpointPolicy> create, PolicyConformanceOptions options)
    : PluginTrial<ICheckpointPolicy>(rule, create, options)
{
    public PolicyConformanceOptions Options => options;

    /// <summary>A run's boundaries, with the checkpoints that such a policy asked for and kept.</summary>
    public IReadOnlyList<Boundary> Run() => PolicyRun.Of(Create(), Random, options);

    /// <summary>Several of them.</summary>
    public IEnumerable<IReadOnlyList<Boundary>> Runs() => Enumerable.Range(0, options.Runs).Select(_ => Run());

    /// <summary>A boundary in the middle of a run, with some checkpoints.</summary>
    public Boundary Middle()
    {
        List<SavedCheckpoint> saved = [];
        for (var episode = 10L; episode <= 50; episode += 10)
            saved.Insert(0, Boundary.Checkpoint(At(episode)));
        return new(At(57), saved.AsReadOnly());
    }

    /// <summary>A moment of training; as many seconds as episodes.</summary>
    public TrainingProgress At(long episode) => new()
    {
        Episode = episode,
        MaxEpisodes = 1_000,
        EnvironmentSteps = episode * 8,
        Elapsed = TimeSpan.FromSeconds(episode),
        HeldUp = TimeSpan.FromMilliseconds(episode),
        Metrics = options.Metrics.ToDictionary(name => name, _ => Random.NextDouble()),
    };

    /// <summary>Fails when a policy throws.</summary>
    public void ExpectAnswers(ICheckpointPolicy policy, Boundary at, string when)
    {
        if (Error(policy, at) is { } error)
            throw Violated($"an answer {when}", $"there was {Tell(error)}", error);
    }

    /// <summary>What a policy throws; null when it answers.</summary>
    public static Exception? Error(ICheckpointPolicy policy, Boundary at)
    {
        try
        {
            policy.Decide(at.Progress, at.Saved);
            _ = policy.Keep(at.Saved)?.Count();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }
}

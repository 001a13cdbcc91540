using System.Collections.Immutable;
using CoreSrl.Abstractions;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>All active policies as one: any may ask for a save, any may keep; one that throws is reported and harms nothing.</summary>
internal sealed class PolicySet(IReadOnlyList<(string Name, ICheckpointPolicy Policy)> policies, ILogger logger)
{
    /// <summary>The policies that plain options stand for, and others.</summary>
    public static PolicySet Of(CheckpointManagerOptions options, IEnumerable<(string Name, ICheckpointPolicy Policy)> others, ILogger logger)
    {
        List<(string, ICheckpointPolicy)> policies = [];
        if (options.SaveInterval > 0)
            policies.Add(("interval", new IntervalPolicy(new() { Episodes = options.SaveInterval })));
        policies.Add(("keep-last", new KeepLastPolicy(new() { Count = options.MaxCheckpoints })));
        return new([.. policies, .. others], logger);
    }

    public (string Reason, ImmutableArray<string> Tags)? Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        var yes = new List<SaveDecision>();
        foreach (var (name, policy) in policies)
        {
            try
            {
                if (policy.Decide(progress, saved) is { ShouldSave: true } decision)
                    yes.Add(decision);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                logger.LogWarning(e, "Policy '{Policy}' failed at episode {Episode} and was taken as no: {Message}", name, progress.Episode, e.Message);
            }
        }

        return yes.Count == 0 ? null : (string.Join(", ", yes.Select(decision => decision.Reason)), [.. yes.SelectMany(decision => decision.Tags).Distinct()]);
    }

    /// <summary>The ids to keep: the union of what the policies want, and the newest.</summary>
    public HashSet<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
    {
        var keep = saved.Take(1).Select(checkpoint => checkpoint.Id).ToHashSet();
        foreach (var (name, policy) in policies)
        {
            try
            {
                keep.UnionWith(policy.Keep(saved));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                logger.LogWarning(e, "Policy '{Policy}' failed, so nothing is removed this time: {Message}", name, e.Message);
                keep.UnionWith(saved.Select(checkpoint => checkpoint.Id));
            }
        }

        return keep;
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints;

/// <summary>Which checkpoints <see cref="CheckpointManager.PruneAsync(PruneOptions, CancellationToken)"/> removes: those of one run that
/// no rule keeps.</summary>
public sealed record PruneOptions
{
    /// <summary>The rules: policies, of which only <see cref="ICheckpointPolicy.Keep"/> is asked. A checkpoint goes when none keeps it.</summary>
    /// <value>At least one.</value>
    public required IReadOnlyList<ICheckpointPolicy> Keep { get; init; }

    /// <summary>The run whose checkpoints may go.</summary>
    /// <value>Default: that of the newest checkpoint.</value>
    public string? RunId { get; init; }

    /// <summary>Whether final checkpoints are like any other. Otherwise they stay, and the rules are not asked about them.</summary>
    /// <value>Default false.</value>
    public bool IncludeFinal { get; init; }

    /// <summary>Whether only to say what would go.</summary>
    /// <value>Default false.</value>
    public bool DryRun { get; init; }

    /// <summary>Refuses to remove everything.</summary>
    /// <exception cref="ArgumentException">There is no rule.</exception>
    internal void Validate()
    {
        if (Keep.Count == 0)
            throw new ArgumentException("Keep is empty, so nothing but the newest checkpoint would stay; give a policy that says what to keep.", nameof(Keep));
    }

    internal PolicySet ToPolicies(ILogger logger) =>
        new([.. Keep.Select(policy => (policy.GetType().Name, (ICheckpointPolicy)new PruneRule(policy, IncludeFinal)))], logger);
}

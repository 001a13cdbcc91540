using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="IntervalPolicy"/>; one of the two is given.</summary>
public sealed record IntervalOptions : IValidatableObject
{
    /// <summary>Every how many episodes; a loop of one's own counts its steps.</summary>
    /// <value>Default 0: not by episodes.</value>
    [Range(0L, 1_000_000_000_000L)]
    public long Episodes { get; init; }

    /// <summary>Every how many environment steps; only a trainer counts them.</summary>
    /// <value>Default 0: not by environment steps.</value>
    [Range(0L, 1_000_000_000_000_000L)]
    public long EnvironmentSteps { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Episodes > 0 == EnvironmentSteps > 0)
            yield return new("give one of Episodes and EnvironmentSteps, above 0", [nameof(Episodes)]);
    }
}

/// <summary>
/// Saves every so many episodes: after each of which the number is a multiple. Or every so many environment steps: at the first
/// episode boundary behind a multiple, unless another checkpoint has been taken behind it already.
/// </summary>
/// <param name="options">Every how many of what.</param>
[Plugin("interval", Description = "Saves every so many episodes or environment steps.")]
public sealed class IntervalPolicy(IntervalOptions options) : ICheckpointPolicy
{
    private readonly IntervalOptions _options = options.Checked();

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var (episodes, steps) = (_options.Episodes, _options.EnvironmentSteps);
        if (episodes > 0)
            return progress.Episode % episodes == 0 ? SaveDecision.Save(episodes == 1 ? "every episode" : $"every {episodes} episodes") : SaveDecision.Skip;
        var before = LastSave.Before(progress, saved)?.EnvironmentSteps ?? 0;
        return progress.EnvironmentSteps / steps > before / steps ? SaveDecision.Save($"every {steps} environment steps") : SaveDecision.Skip;
    }
}

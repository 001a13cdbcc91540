using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="AtEpisodesPolicy"/>.</summary>
public sealed record AtEpisodesOptions : IValidatableObject
{
    /// <summary>After which episodes; a loop of one's own counts its steps.</summary>
    /// <value>Required; at least one, each at least 1.</value>
    [Required, MinLength(1)]
    public IReadOnlyList<long>? Episodes { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Episodes!.Any(episode => episode < 1))
            yield return new("episodes are counted from 1", [nameof(Episodes)]);
    }
}

/// <summary>Saves after the episodes named.</summary>
/// <param name="options">Which ones.</param>
[Plugin("at-episodes", Description = "Saves after the episodes named.")]
public sealed class AtEpisodesPolicy(AtEpisodesOptions options) : ICheckpointPolicy
{
    private readonly HashSet<long> _episodes = [.. options.Checked().Episodes!];

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return _episodes.Contains(progress.Episode) ? SaveDecision.Save($"episode {progress.Episode} was asked for") : SaveDecision.Skip;
    }
}

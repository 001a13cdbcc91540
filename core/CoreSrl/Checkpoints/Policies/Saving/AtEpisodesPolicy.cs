using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="AtEpisodesPolicy"/>.</summary>
public sealed record AtEpisodesOptions
{
    /// <summary>After which episodes; a loop of one's own counts its steps.</summary>
    /// <value>Required; at least one.</value>
    [Required, MinLength(1)]
    public IReadOnlyList<long>? Episodes { get; init; }
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

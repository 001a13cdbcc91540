using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;
using Microsoft.Extensions.Logging;

namespace CoreSrl.TestPlugins.Useful;

/// <summary>The options of <see cref="MilestonePolicy"/>.</summary>
public sealed record MilestoneOptions
{
    /// <summary>The episodes after which a checkpoint is taken.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<long>? Episodes { get; init; }

    /// <summary>How such a checkpoint is tagged.</summary>
    [RegularExpression("[a-z]+", ErrorMessage = "use lower-case letters")]
    public string Tag { get; init; } = "milestone";
}

/// <summary>Saves after the episodes that its options name.</summary>
[Plugin("milestone", Description = "Saves after given episodes.")]
public sealed class MilestonePolicy(MilestoneOptions options, ILogger<MilestonePolicy> logger) : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        if (!options.Episodes!.Contains(progress.Episode))
            return SaveDecision.Skip;
        logger.LogWarning("Milestone: episode {Episode}", progress.Episode);
        return SaveDecision.Save($"episode {progress.Episode} is a milestone", options.Tag);
    }

    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where(checkpoint => checkpoint.Tags.Contains(options.Tag)).Select(checkpoint => checkpoint.Id);
}

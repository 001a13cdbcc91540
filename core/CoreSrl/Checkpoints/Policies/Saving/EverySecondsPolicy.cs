using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="EverySecondsPolicy"/>.</summary>
public sealed record EverySecondsOptions
{
    /// <summary>After how many seconds of training.</summary>
    /// <value>Required; above 0, at most a year.</value>
    [Range(0.0, 31_536_000.0, MinimumIsExclusive = true)]
    public double Seconds { get; init; }
}

/// <summary>
/// Saves at the first episode boundary at which so many seconds have been trained since the checkpoint before. The time is that of
/// training, <see cref="TrainingProgress.Elapsed"/>: a night in which nothing ran does not count, and a resume goes on counting.
/// </summary>
/// <param name="options">After how many seconds.</param>
[Plugin("every-seconds", Description = "Saves every so many seconds of training.")]
public sealed class EverySecondsPolicy(EverySecondsOptions options) : ICheckpointPolicy
{
    private readonly EverySecondsOptions _options = options.Checked();

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var since = progress.Elapsed - (LastSave.Before(progress, saved)?.Elapsed ?? TimeSpan.Zero);
        return since.TotalSeconds >= _options.Seconds ? SaveDecision.Save($"every {_options.Seconds} s of training") : SaveDecision.Skip;
    }
}

using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="OverheadBudgetPolicy"/>.</summary>
public sealed record OverheadBudgetOptions
{
    /// <summary>How much of the time spent training saves may hold it up, in percent.</summary>
    /// <value>Default 3.5; above 0, at most 100.</value>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Percent { get; init; } = 3.5;
}

/// <summary>
/// Saves as often as possible while saving holds training up for at most a given share of the time spent training, measured as it
/// goes: at a boundary where all that saves have cost so far and what the last one cost once more are within the budget. The first
/// save of a process is taken as soon as the budget is not overdrawn, because nothing is known of its cost yet.
/// </summary>
/// <remarks>After CheckFreq (Mohan, Phanishayee, Chidambaram, FAST 2021), which also finds the frequency from measured costs and
/// adapts it when they change. What one save costs too much is saved again later, since the budget is for the whole run.</remarks>
/// <param name="options">The budget.</param>
[Plugin("overhead-budget", Description = "Saves as often as a given share of the training time allows.")]
public sealed class OverheadBudgetPolicy(OverheadBudgetOptions options) : ICheckpointPolicy
{
    private readonly OverheadBudgetOptions _options = options.Checked();

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        // What was held up since the last checkpoint was taken is what taking it cost.
        var cost = LastSave.Before(progress, saved) is { } last && progress.HeldUp > last.HeldUp ? progress.HeldUp - last.HeldUp : TimeSpan.Zero;
        return progress.HeldUp + cost <= progress.Elapsed * (_options.Percent / 100)
            ? SaveDecision.Save($"within {_options.Percent} % of the training time")
            : SaveDecision.Skip;
    }
}

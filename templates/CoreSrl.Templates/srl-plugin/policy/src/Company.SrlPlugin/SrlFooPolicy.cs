using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>
/// Saves when a metric passes the next multiple of a step, above all that were passed before, and keeps those checkpoints. What was
/// passed before is read from the checkpoints' tags, so that it survives a resume by itself.
/// </summary>
/// <param name="options">Which metric, and how far apart its milestones are.</param>
[Plugin("srl-foo", Description = "Saves when a metric passes the next multiple of a step.")]
public sealed class SrlFooPolicy(SrlFooOptions options) : ICheckpointPolicy
{
    private const string Tag = "srl-foo";

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (MilestoneOf(progress.Metrics) is not { } milestone)
            return SaveDecision.Skip;
        var passed = Milestones(saved).Select(checkpoint => MilestoneOf(checkpoint.Metrics)).Max() ?? double.NegativeInfinity;
        return milestone > passed ? SaveDecision.Save($"{options.Metric} passed {milestone * options.Step:G5}", Tag) : SaveDecision.Skip;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => Milestones(saved).Select(checkpoint => checkpoint.Id);

    private static IEnumerable<SavedCheckpoint> Milestones(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where(checkpoint => checkpoint.Tags.Contains(Tag));

    /// <summary>How many steps the metric has passed; null where there is no such number.</summary>
    private double? MilestoneOf(IReadOnlyDictionary<string, double> metrics) =>
        metrics.TryGetValue(options.Metric, out var value) && double.IsFinite(value) ? Math.Floor(value / options.Step) : null;
}

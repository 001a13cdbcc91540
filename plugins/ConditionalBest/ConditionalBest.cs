using CoreSrl.Abstractions;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins.ConditionalBest;

/// <summary>
/// Saves when a metric is better than in any checkpoint that it has saved so far, tags those <c>best</c> and <c>best:METRIC</c>, and
/// keeps the best of them. The best so far is read from the checkpoints, so that it survives a resume; the first finite value is the
/// first best, and a value that is no number, or infinite, never is one.
/// </summary>
/// <param name="options">Which metric, and what counts as better.</param>
/// <param name="logger">Told, once, of a metric that is not there.</param>
[Plugin("conditional-best", Description = "Saves when a metric is better than ever, and keeps the best.")]
public sealed class ConditionalBest(ConditionalBestOptions options, ILogger<ConditionalBest> logger) : ICheckpointPolicy
{
    private readonly string _metric = options.Metric!;
    private readonly string _tag = $"best:{options.Metric}";
    private bool _toldMissing;

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (!progress.Metrics.TryGetValue(_metric, out var value) || !double.IsFinite(value))
        {
            TellMissing(progress);
            return SaveDecision.Skip;
        }

        var bests = saved.Where(checkpoint => checkpoint.Tags.Contains(_tag)).ToList();
        if (options.Mode.Rank(bests, _metric).FirstOrDefault() is not { } best)
            return SaveDecision.Save($"first {_metric}: {value:G5}", "best", _tag);
        var gain = options.Mode.Gain(value, over: best.Metrics[_metric]);
        var onPlateau = progress.Episode - bests[0].Episode >= options.Patience;
        return gain > 0 && (!onPlateau || gain >= options.MinImprovement)
            ? SaveDecision.Save($"best {_metric}: {value:G5}, before {best.Metrics[_metric]:G5}", "best", _tag)
            : SaveDecision.Skip;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        options.Mode.Rank(saved.Where(checkpoint => checkpoint.Tags.Contains(_tag)), _metric).Take(options.Keep).Select(checkpoint => checkpoint.Id);

    /// <summary>A misspelt metric would otherwise never save, and nobody would know.</summary>
    private void TellMissing(TrainingProgress progress)
    {
        if (_toldMissing)
            return;
        _toldMissing = true;
        logger.LogWarning(
            "Policy 'conditional-best' finds no number called '{Metric}' at episode {Episode}, and saves nothing until there is one. Known: {Known}.",
            _metric, progress.Episode, string.Join(", ", progress.Metrics.Keys.Order(StringComparer.Ordinal)));
    }
}

using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>How learning goes, in a line: the means over the models of what their last episode and their last update were like.</summary>
internal static class LearningTerms
{
    /// <summary>The line; empty before the first update.</summary>
    public static string Of(EpisodeReport report) =>
        report.Models.Any(model => model.UpdateCount > 0) ? string.Join("  ", Terms(report.Progress.Metrics)) : "";

    private static IEnumerable<string> Terms(IReadOnlyDictionary<string, double> metrics)
    {
        yield return $"spread {metrics["reward_std"]:F3}";
        yield return $"entropy {metrics["entropy"]:F3}";
        if (metrics["kl"] is not 0 and var kl)
            yield return $"KL {kl:F4}";
        yield return $"clipped {metrics["clip_fraction"]:P0}";
        yield return $"length {metrics["response_length"]:F1}";
        yield return $"gradient {metrics["gradient_norm"]:F3}";
    }
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.CustomMetrics;

/// <summary>
/// Adds to <c>global_metrics</c> whether training still gets anywhere (<c>convergence_rate</c>), whether the models play alike
/// (<c>diversity_score</c>) and what a gain in reward costs (<c>training_efficiency</c>).
/// </summary>
/// <remarks>
/// The reward of an episode is its mean over models of <see cref="ModelState.LastReward"/>, which is the trainer's
/// <c>episode_reward</c>. A value that is not defined yet is left out.
/// <list type="table">
/// <item><term><c>convergence_rate</c></term><description>The slope of the reward over the last <see cref="CustomMetricsOptions.Window"/>
/// episodes, in reward per episode: <see cref="RewardTrend.Fit"/>. From the third episode on.</description></item>
/// <item><term><c>convergence_rate_error</c></term><description>Its standard error: a slope within twice of it is no more than
/// noise.</description></item>
/// <item><term><c>diversity_score</c></term><description>How differently the models answered in the last episode, 0 to 1:
/// <see cref="PlayDiversity.Score"/>. With two models or more.</description></item>
/// <item><term><c>training_efficiency</c></term><description>The gain in reward since the beginning of the run
/// (<see cref="RewardHistory.Gain"/>) per second of training: the one value that depends on the clock. From the second episode on, when
/// the run's first episode was seen.</description></item>
/// <item><term><c>training_efficiency_per_step</c></term><description>The same per environment step.</description></item>
/// </list>
/// What is remembered of earlier episodes is in the checkpoint, so that a resumed run reports the same bits.
/// </remarks>
/// <param name="options">How far it looks back.</param>
[Plugin("custom-metrics", Description = "Convergence rate, diversity of play and efficiency of training.")]
public sealed class CustomMetricsContributor(CustomMetricsOptions options) : IMetadataContributor, IStatefulPlugin
{
    private RewardHistory _history = RewardHistory.Empty;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        // A number that JSON cannot hold could not travel in a checkpoint.
        var reward = episode.Models.Select(model => model.LastReward).DefaultIfEmpty(double.NaN).Average();
        if (double.IsFinite(reward))
            _history = _history.Add(reward, options.Window);
        return Values(episode, _history).Where(value => double.IsFinite(value.Value)).ToDictionary(value => value.Name, value => (JsonNode?)value.Value);
    }

    /// <inheritdoc/>
    public JsonNode? CaptureState() => _history.ToJson();

    /// <inheritdoc/>
    public void RestoreState(JsonNode? state) => _history = RewardHistory.FromJson(state);

    private static IEnumerable<(string Name, double Value)> Values(EpisodeSummary episode, RewardHistory history)
    {
        if (RewardTrend.Fit(history.Latest) is { } trend)
        {
            yield return ("convergence_rate", trend.Slope);
            yield return ("convergence_rate_error", trend.StandardError);
        }

        if (PlayDiversity.Score(episode.Answers) is { } diversity)
            yield return ("diversity_score", diversity);

        // Of a run whose beginning it did not see, it cannot say what was gained since.
        if (history.Episodes != episode.Progress.Episode || history.Gain() is not { } gain)
            yield break;
        yield return ("training_efficiency", gain / episode.Progress.Elapsed.TotalSeconds);
        yield return ("training_efficiency_per_step", gain / episode.Progress.EnvironmentSteps);
    }
}

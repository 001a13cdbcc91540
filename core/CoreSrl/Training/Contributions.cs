using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Plugins.Limits;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Training;

/// <summary>The <c>global_metrics</c> of an episode boundary: the trainer's own and what the contributors add.</summary>
/// <param name="Values">By name, as they will be stored.</param>
/// <param name="Warnings">Contributors that failed, and names that were taken.</param>
internal sealed record Contributions(JsonObject Values, IReadOnlyList<string> Warnings)
{
    /// <summary>Asks every contributor; one that throws is reported and harms nothing.</summary>
    /// <exception cref="PluginHungException">One hangs.</exception>
    public static Contributions Collect(
        TrainingState state, IReadOnlyList<Trajectory> trajectories, long maxEpisodes, IReadOnlyList<(string Name, IMetadataContributor Contributor)> contributors, ILogger logger)
    {
        var own = Statistics.Metrics(state);
        var episode = new EpisodeSummary(state.Progress(maxEpisodes, own), state.Models) { Answers = Statistics.Answers(trajectories, state.Models.Length) };
        var values = new JsonObject(own.Select(metric => KeyValuePair.Create(metric.Key, CheckpointJson.Number(metric.Value))));
        var warnings = new List<string>();
        foreach (var (name, contributor) in contributors)
        {
            try
            {
                foreach (var (key, value) in contributor.Contribute(episode))
                {
                    if (values.TryAdd(key, CheckpointJson.AsStored(value)))
                        continue;
                    warnings.Add($"Metadata contributor '{name}' offers '{key}', which is already taken.");
                    logger.LogWarning("Metadata contributor '{Contributor}' offers '{Name}', which is already taken", name, key);
                }
            }
            catch (Exception e) when (e is not (OutOfMemoryException or PluginHungException))
            {
                warnings.Add($"Metadata contributor '{name}' failed: {e.GetType().Name}: {e.Message}");
                logger.LogWarning(e, "Metadata contributor '{Contributor}' failed at episode {Episode}: {Message}", name, state.Episode, e.Message);
            }
        }

        return new(values, warnings);
    }
}

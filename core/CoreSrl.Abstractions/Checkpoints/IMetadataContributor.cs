using System.Text.Json.Nodes;

namespace CoreSrl.Abstractions;

/// <summary>Adds named values to a checkpoint's <c>global_metrics</c>.</summary>
/// <remarks>One that throws is reported and recorded in the checkpoint, which is saved all the same. One that does not come back
/// within <c>Plugins:TimeLimit</c> ends the run, after the last good episode boundary has been saved.</remarks>
public interface IMetadataContributor
{
    /// <summary>
    /// The values at this episode boundary, by name. Called at every boundary while training waits, before the policies are asked,
    /// so it must be quick. Numbers are seen by policies; anything else JSON can hold is stored only. A name that is already taken
    /// by the trainer or an earlier contributor is reported and left out.
    /// </summary>
    IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode);
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Hanging;

/// <summary>Does not come back in episode 3, and wastes a processor meanwhile.</summary>
[Plugin("hanging-contributor")]
public sealed class HangingContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        while (episode.Progress.Episode == 3)
            Thread.SpinWait(1000);
        return new Dictionary<string, JsonNode?>();
    }
}

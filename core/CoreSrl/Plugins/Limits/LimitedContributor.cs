using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.Limits;

/// <summary>A contributor whose values are waited for only so long.</summary>
internal sealed class LimitedContributor(string name, IMetadataContributor contributor, PluginCalls calls) : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
        calls.Quick($"metadata contributor '{name}'", nameof(Contribute), () => contributor.Contribute(episode));
}

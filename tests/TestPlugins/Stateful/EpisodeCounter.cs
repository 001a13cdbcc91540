using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Stateful;

/// <summary>Records how many episodes it has seen since the start of the run.</summary>
[Plugin("episode-counter")]
public sealed class EpisodeCounter : IMetadataContributor, IStatefulPlugin
{
    private int _seen;

    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
        new Dictionary<string, JsonNode?> { ["episodes_seen"] = ++_seen };

    public JsonNode? CaptureState() => new JsonObject { ["seen"] = _seen };

    public void RestoreState(JsonNode? state) => _seen = (int)state!["seen"]!;
}

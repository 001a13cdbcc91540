using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using Nito.Collections;

namespace CoreSrl.TestPlugins.OldDependency;

/// <summary>Says which version of its dependency it runs with.</summary>
[Plugin("old-deque")]
public sealed class OldDequeContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        var deque = new Deque<long>([episode.Progress.Episode]);
        return new Dictionary<string, JsonNode?> { ["old_deque"] = $"{typeof(Deque<>).Assembly.GetName().Version}", ["old_deque_front"] = deque.RemoveFromFront() };
    }
}

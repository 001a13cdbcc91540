using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using Nito.Collections;

namespace CoreSrl.TestPlugins.NewDependency;

/// <summary>Says which version of its dependency it runs with.</summary>
[Plugin("new-deque")]
public sealed class NewDequeContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        var deque = new Deque<long>([episode.Progress.Episode]);
        return new Dictionary<string, JsonNode?> { ["new_deque"] = $"{typeof(Deque<>).Assembly.GetName().Version}", ["new_deque_front"] = deque.RemoveFromFront() };
    }
}

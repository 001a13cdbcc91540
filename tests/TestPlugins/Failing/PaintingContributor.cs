using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>Has a name that does something to a terminal that shows it as it is.</summary>
[Plugin("red\u001b[31m\nname", Description = "Turns\u202e round.")]
public sealed class PaintingContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => new Dictionary<string, JsonNode?>();
}

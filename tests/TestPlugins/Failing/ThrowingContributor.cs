using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>Contributes nothing but trouble.</summary>
[Plugin("throwing-contributor")]
public sealed class ThrowingContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
        throw new InvalidOperationException("the sensor is unplugged");
}

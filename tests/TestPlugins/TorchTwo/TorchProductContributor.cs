using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.TestPlugins.TorchTwo;

/// <summary>Multiplies numbers with torch.</summary>
[Plugin("torch-product")]
public sealed class TorchProductContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        using var scope = NewDisposeScope();
        return new Dictionary<string, JsonNode?> { ["torch_product"] = arange(1, episode.Progress.Episode + 1, ScalarType.Float64).prod(null).item<double>() };
    }
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.TestPlugins.TorchOne;

/// <summary>Adds numbers up with torch.</summary>
[Plugin("torch-sum")]
public sealed class TorchSumContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        using var scope = NewDisposeScope();
        return new Dictionary<string, JsonNode?> { ["torch_sum"] = arange(1, episode.Progress.Episode + 1, ScalarType.Float64).sum().item<double>() };
    }
}

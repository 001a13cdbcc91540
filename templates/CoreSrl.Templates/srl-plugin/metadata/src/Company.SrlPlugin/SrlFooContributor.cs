using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>Records how far apart the models' mean rewards are, and which model leads.</summary>
/// <param name="options">How the values are called.</param>
[Plugin("srl-foo", Description = "Records how far apart the models' rewards are, and who leads.")]
public sealed class SrlFooContributor(SrlFooOptions options) : IMetadataContributor
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var models = episode.Models.Where(model => double.IsFinite(model.AverageReward)).ToList();
        if (models.Count == 0)
            return new Dictionary<string, JsonNode?>();
        var best = models.MaxBy(model => model.AverageReward)!;
        var gap = best.AverageReward - models.Min(model => model.AverageReward);
        return new Dictionary<string, JsonNode?>
        {
            [$"{options.Prefix}_gap"] = double.IsFinite(gap) ? gap : null,
            [$"{options.Prefix}_leader"] = best.ModelId,
        };
    }
}

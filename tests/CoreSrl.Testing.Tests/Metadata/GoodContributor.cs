using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Metadata;

/// <summary>How far apart the models are, and who leads.</summary>
internal class GoodContributor : IMetadataContributor
{
    public virtual IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        var values = new Dictionary<string, JsonNode?>
        {
            ["answers"] = new JsonArray([.. episode.Answers.Select(answers => (JsonNode)answers.Values.Sum())]),
            ["leader"] = episode.Models.MaxBy(model => model.TotalReward)?.ModelId,
        };
        var rewards = episode.Models.Select(model => model.LastReward).Where(double.IsFinite).ToList();
        if (rewards.Count > 0 && double.IsFinite(rewards.Max() - rewards.Min()))
            values["spread"] = rewards.Max() - rewards.Min();
        return values;
    }

    /// <summary>One value more.</summary>
    protected static IReadOnlyDictionary<string, JsonNode?> With(EpisodeSummary episode, string name, JsonNode? value) =>
        new Dictionary<string, JsonNode?>(new GoodContributor().Contribute(episode)) { [name] = value };
}

/// <summary>How often it was asked.</summary>
internal sealed class CountingContributor(Memory memory) : GoodContributor, IStatefulPlugin
{
    public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "asked", memory.Next());

    public JsonNode? CaptureState() => memory.CaptureState();

    public void RestoreState(JsonNode? state) => memory.RestoreState(state);
}

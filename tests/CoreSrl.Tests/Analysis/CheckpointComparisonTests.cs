using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Analysis;
using CoreSrl.Checkpoints;

namespace CoreSrl.Tests.Analysis;

/// <summary>What a comparison reads from metadata, and the changes it works out.</summary>
public sealed class CheckpointComparisonTests
{
    [Fact]
    public void A_models_statistics_are_per_episode()
    {
        var model = Read("""{ "m": { "total_reward": 6, "episode_count": 4, "win_count": 1, "update_count": 2, "cooperation_score": 0.25 } }""").Models.Single();
        Assert.Equal(new ModelPerformance("m") { AverageReward = 1.5, WinRate = 0.25, UpdateCount = 2, CooperationScore = 0.25 }, model);
    }

    [Fact]
    public void Before_the_first_episode_nothing_is_divided_by_nothing()
    {
        var model = Read("""{ "m": { "total_reward": 0, "episode_count": 0, "win_count": 0 } }""").Models.Single();
        Assert.Equal((0, 0), (model.AverageReward, model.WinRate));
    }

    [Theory]
    [InlineData("""{ "update_count": 7 }""", 7L)] // Of a training loop without games.
    [InlineData("""{ "total_reward": "high", "episode_count": null, "win_count": [], "cooperation_score": {} }""", null)]
    [InlineData("null", null)]
    [InlineData("3", null)]
    public void What_was_not_recorded_is_not_known(string state, long? updates) =>
        Assert.Equal(new ModelPerformance("m") { UpdateCount = updates }, Read($$"""{ "m": {{state}} }""").Models.Single());

    [Fact]
    public void The_average_over_the_models_counts_those_that_have_a_reward()
    {
        Assert.Equal(2, Read("""{ "a": { "total_reward": 1 }, "b": { "total_reward": 3 }, "c": {} }""").AverageReward);
        Assert.Null(Read("""{ "c": {} }""").AverageReward);
        Assert.Null(Read("{}").AverageReward);
    }

    [Fact]
    public void A_change_is_from_the_checkpoint_before_that_has_the_model()
    {
        var comparison = new CheckpointComparison(
        [
            Read("""{ "a": { "total_reward": 1 }, "b": { "total_reward": 5 } }"""),
            Read("""{ "a": { "total_reward": 2 } }"""),
            Read("""{ "b": { "total_reward": 1 }, "a": { "total_reward": 2.5 } }"""),
        ]);
        Assert.Equal(["a", "b"], comparison.Models);
        Assert.Equal([null, 1, 0.5], comparison.Of("a").Select(entry => entry.Change));
        Assert.Equal([null, -4.0], comparison.Of("b").Select(entry => entry.Change));
        Assert.Equal([null, -1, -0.25], comparison.OfAllModels().Select(entry => entry.Change));
        Assert.Empty(comparison.Of("c"));
    }

    private static CheckpointPerformance Read(string states) => CheckpointPerformance.Of(new CheckpointRecord
    {
        Saved = new SavedCheckpoint { Id = "c", RunId = "r", Episode = 1, Timestamp = default },
        Document = new() { ["model_states"] = JsonNode.Parse(states) },
        Files = new Dictionary<string, FileRecord>(),
        BaseWeights = new Dictionary<string, FileRecord>(),
    });
}

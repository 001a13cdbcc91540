using CoreSrl.Abstractions;

namespace Company.SrlPlugin.Tests;

public sealed class SrlFooPolicyTests
{
    private readonly SrlFooPolicy _policy = new(new() { Metric = "avg_reward", Step = 0.5 });

    [Theory]
    [InlineData(0.9, false)]
    [InlineData(1.1, true)]
    [InlineData(double.NaN, false)]
    public void It_saves_above_all_milestones_so_far(double reward, bool saves)
    {
        SavedCheckpoint[] saved = [Saved("b", 0.6, "srl-foo"), Saved("a", 7, "best")];
        Assert.Equal(saves, _policy.Decide(At(reward), saved).ShouldSave);
    }

    [Fact]
    public void It_keeps_its_own() => Assert.Equal(["b"], _policy.Keep([Saved("b", 0.6, "srl-foo"), Saved("a", 7, "best")]));

    private static TrainingProgress At(double reward) =>
        new() { Episode = 10, MaxEpisodes = 100, Metrics = new Dictionary<string, double> { ["avg_reward"] = reward } };

    private static SavedCheckpoint Saved(string id, double reward, string tag) => new()
    {
        Id = id,
        RunId = "run",
        Episode = 5,
        Timestamp = DateTimeOffset.UnixEpoch,
        Tags = [tag],
        Metrics = new Dictionary<string, double> { ["avg_reward"] = reward },
    };
}

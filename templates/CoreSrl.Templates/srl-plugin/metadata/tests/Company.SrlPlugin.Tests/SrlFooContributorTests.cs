using CoreSrl.Abstractions;

namespace Company.SrlPlugin.Tests;

public sealed class SrlFooContributorTests
{
    private readonly SrlFooContributor _contributor = new(new() { Prefix = "reward" });

    [Fact]
    public void The_gap_is_between_the_best_and_the_worst()
    {
        var values = _contributor.Contribute(Played(("a", 1), ("b", 4), ("c", 2)));
        Assert.Equal(3, (double?)values["reward_gap"]);
        Assert.Equal("b", (string?)values["reward_leader"]);
    }

    [Fact]
    public void Nobody_leads_where_nobody_plays() => Assert.Empty(_contributor.Contribute(Played()));

    private static EpisodeSummary Played(params (string Id, double Reward)[] models) => new(
        new() { Episode = 1, MaxEpisodes = 2 },
        [.. models.Select(model => new ModelState { ModelId = model.Id, TotalReward = model.Reward, EpisodeCount = 1 })]);
}

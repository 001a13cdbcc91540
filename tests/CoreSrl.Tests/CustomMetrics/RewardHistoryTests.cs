using System.Text.Json.Nodes;
using CoreSrl.Plugins.CustomMetrics;
using CsCheck;

namespace CoreSrl.Tests.CustomMetrics;

/// <summary>What is remembered of earlier episodes, and the gain that is read from it.</summary>
public sealed class RewardHistoryTests
{
    private static readonly Gen<double[]> Rewards = Gen.Double[-1e6, 1e6].Array[0, 30];
    private static readonly Gen<int> Windows = Gen.Int[1, 12];

    [Fact]
    public void It_keeps_a_window_of_both_ends()
    {
        var history = Of([1, 2, 3, 4, 5, 6, 7], window: 3);
        Assert.Equal((7, "1 2 3", "5 6 7"), (history.Episodes, string.Join(' ', history.First), string.Join(' ', history.Latest)));
    }

    [Fact]
    public void A_window_that_is_made_larger_in_mid_run_does_not_make_the_beginning_longer() =>
        Assert.Equal("1 2", string.Join(' ', Of([1, 2, 3], window: 2).Add(4, window: 5).First));

    // Two windows of 2: (6 + 7) / 2 − (1 + 2) / 2. Three episodes, of which half, rounded down, is one: 5 − 1.
    [Theory]
    [InlineData(5.0, 2, 1.0, 2.0, 5.0, 6.0, 7.0)]
    [InlineData(4.0, 50, 1.0, 9.0, 5.0)]
    [InlineData(-3.0, 50, 4.0, 1.0)]
    public void The_gain_is_that_worked_by_hand(double gain, int window, params double[] rewards) => Assert.Equal(gain, Of(rewards, window).Gain());

    [Fact]
    public void There_is_no_gain_before_the_second_episode()
    {
        Assert.Null(RewardHistory.Empty.Gain());
        Assert.Null(Of([1], 5).Gain());
    }

    [Fact]
    public void The_gain_is_that_of_the_whole_list_of_rewards() => Gen.Select(Rewards, Windows).Sample((rewards, window) =>
    {
        var k = Math.Min(window, rewards.Length / 2);
        Assert.Equal(k == 0 ? null : rewards[^k..].Average() - rewards[..k].Average(), Of(rewards, window).Gain());
    });

    [Fact]
    public void Written_and_read_at_any_episode_it_goes_on_to_the_same_bits() => Gen.Select(Rewards, Windows, Gen.Int[0, 30]).Sample((rewards, window, at) =>
    {
        at = Math.Min(at, rewards.Length);
        var stored = RewardHistory.FromJson(JsonNode.Parse(Of(rewards[..at], window).ToJson().ToJsonString()));
        var resumed = rewards[at..].Aggregate(stored, (history, reward) => history.Add(reward, window));
        Assert.Equal(Of(rewards, window).ToJson().ToJsonString(), resumed.ToJson().ToJsonString());
    });

    [Fact]
    public void A_checkpoint_without_it_begins_it_anew() => Assert.Equal(RewardHistory.Empty, RewardHistory.FromJson(null));

    private static RewardHistory Of(double[] rewards, int window) => rewards.Aggregate(RewardHistory.Empty, (history, reward) => history.Add(reward, window));
}

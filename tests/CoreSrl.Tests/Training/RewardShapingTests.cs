using CoreSrl.Configuration;
using CoreSrl.Training;
using CsCheck;

namespace CoreSrl.Tests.Training;

public sealed class RewardShapingTests
{
    private static readonly Gen<double[]> Rewards = Gen.Double[-10, 10].Array[2, 8];
    private static readonly Gen<double[]> RewardsWithTies = Gen.Int[-2, 2].Select(i => (double)i).Array[2, 8];
    private static readonly Gen<TrainingMode> Modes = Gen.Enum<TrainingMode>();
    private static readonly Gen<TrainingMode> ModesWithoutLeader = Gen.OneOfConst(TrainingMode.Cooperative, TrainingMode.Competitive, TrainingMode.Mixed);

    // By hand with c = 0.5, k = 0.1 and rewards 1, 4, 4, -1: mean 2; ranks: 1 beats one of three and loses to two, -1/3; each 4 beats
    // two and loses to none, 2/3; -1 loses to three, -1. Hierarchical: followers' mean 7/3; among them ranks 1/2, 1/2, -1.
    [Theory]
    [InlineData(TrainingMode.Cooperative, 1.5, 3.0, 3.0, 0.5)]
    [InlineData(TrainingMode.Competitive, 1 - 0.1 / 3, 4 + 0.2 / 3, 4 + 0.2 / 3, -1.1)]
    [InlineData(TrainingMode.Mixed, 1.5 - 0.1 / 3, 3 + 0.2 / 3, 3 + 0.2 / 3, 0.4)]
    [InlineData(TrainingMode.Hierarchical, 0.5 + 3.5 / 3, 2.55, 2.55, -0.1)]
    public void Each_mode_gives_what_its_formula_says(TrainingMode mode, params double[] expected)
    {
        var shaped = RewardShaping.Shape([1, 4, 4, -1], mode, 0.5, 0.1);
        for (var seat = 0; seat < expected.Length; seat++)
            Assert.Equal(expected[seat], shaped[seat], 12);
    }

    [Fact]
    public void A_leader_with_one_follower_shares_with_it_and_nobody_has_a_rank() =>
        Assert.Equal([0.25 * 2 + 0.75 * 6, 0.25 * 6 + 0.75 * 2], RewardShaping.Shape([2, 6], TrainingMode.Hierarchical, 0.75, 5));

    [Fact]
    public void Competing_makes_no_reward() => Gen.Select(Gen.OneOf(Rewards, RewardsWithTies), Gen.Double[0, 100]).Sample((rewards, intensity) =>
        Assert.Equal(rewards.Sum(), RewardShaping.Shape(rewards, TrainingMode.Competitive, 0, intensity).Sum(), 8));

    [Fact]
    public void Cooperating_makes_no_reward() => Gen.Select(Rewards, Gen.Double[0, 1]).Sample((rewards, strength) =>
        Assert.Equal(rewards.Sum(), RewardShaping.Shape(rewards, TrainingMode.Cooperative, strength, 0).Sum(), 8));

    [Fact]
    public void Full_cooperation_pays_everybody_the_same() => Rewards.Sample(rewards =>
        Assert.All(RewardShaping.Shape(rewards, TrainingMode.Cooperative, 1, 0), reward => Assert.Equal(rewards.Average(), reward, 10)));

    [Fact]
    public void With_no_strength_and_no_intensity_every_mode_leaves_rewards_alone() => Gen.Select(Rewards, Modes).Sample((rewards, mode) =>
        Assert.Equal(rewards, RewardShaping.Shape(rewards, mode, 0, 0)));

    [Fact]
    public void Equals_get_equal() => Gen.Select(RewardsWithTies, ModesWithoutLeader, Gen.Double[0, 1], Gen.Double[0, 9]).Sample((rewards, mode, c, k) =>
    {
        var shaped = RewardShaping.Shape(rewards, mode, c, k);
        foreach (var tied in rewards.Zip(shaped).GroupBy(pair => pair.First))
            Assert.Single(tied.Select(pair => pair.Second).Distinct());
    });

    [Fact]
    public void Who_sits_where_does_not_matter_without_a_leader() =>
        Gen.Select(RewardsWithTies, ModesWithoutLeader, Gen.Double[0, 1], Gen.Double[0, 9]).Sample((rewards, mode, c, k) =>
        {
            var turned = RewardShaping.Shape([.. rewards.Skip(1), rewards[0]], mode, c, k);
            var shaped = RewardShaping.Shape(rewards, mode, c, k);
            for (var seat = 0; seat < rewards.Length; seat++)
                Assert.Equal(shaped[seat], turned[(seat + rewards.Length - 1) % rewards.Length], 10);
        });

    [Fact]
    public void A_better_reward_never_ranks_lower() => Gen.Select(RewardsWithTies, Gen.Double[0, 9]).Sample((rewards, k) =>
    {
        var shaped = RewardShaping.Shape(rewards, TrainingMode.Competitive, 0, k);
        for (var a = 0; a < rewards.Length; a++)
        {
            for (var b = 0; b < rewards.Length; b++)
                Assert.True(rewards[a] <= rewards[b] || shaped[a] > shaped[b]);
        }
    });

    [Fact]
    public void A_player_alone_keeps_its_own() => Gen.Select(Gen.Double[-10, 10], Modes).Sample((reward, mode) =>
        Assert.Equal([reward], RewardShaping.Shape([reward], mode, 0.7, 3)));
}

using CoreSrl.Abstractions;
using CoreSrl.Training;
using CsCheck;

namespace CoreSrl.Tests.Training;

public sealed class AdvantagesTests
{
    [Fact]
    public void A_return_is_the_discounted_sum_of_shaped_rewards_to_the_end_of_the_game()
    {
        var experiences = Advantages.Compute([Game(0, 0, 1, 2, 4)], 1, 0.5)[0];
        Assert.Equal([1 + 0.5 * (2 + 0.5 * 4), 2 + 0.5 * 4, 4.0], experiences.Select(e => e.Return));
    }

    // By hand: returns 3 and 1 have mean 2 and deviation 1; 4, 4, 10 have mean 6 and deviation √8.
    [Fact]
    public void An_advantage_is_how_many_deviations_a_return_is_above_its_group()
    {
        Assert.Equal([1.0, -1.0], Of(Advantages.Compute([Game(0, 0, 3), Game(0, 0, 1)], 1, 1)[0]));
        var three = Of(Advantages.Compute([Game(0, 0, 4), Game(0, 0, 4), Game(0, 0, 10)], 1, 1)[0]);
        Assert.Equal(-2 / Math.Sqrt(8), three[0], 12);
        Assert.Equal(4 / Math.Sqrt(8), three[2], 12);
    }

    [Fact]
    public void An_unscaled_advantage_is_how_far_a_return_is_above_its_group() =>
        Assert.Equal([-2.0, -2, 4], Of(Advantages.Compute([Game(0, 0, 4), Game(0, 0, 4), Game(0, 0, 10)], 1, 1, scaled: false)[0]));

    [Fact]
    public void Within_a_group_advantages_have_mean_0_and_deviation_1() => Gen.Double[-5, 5].Array[2, 12].Sample(rewards =>
    {
        var advantages = Of(Advantages.Compute([.. rewards.Select(reward => Game(0, 0, reward))], 1, 1)[0]);
        Assert.Equal(0, advantages.Average(), 8);
        if (rewards.Max() - rewards.Min() > 1e-3)
            Assert.Equal(1, advantages.Average(a => a * a), 8);
    });

    [Fact]
    public void Equal_returns_teach_nothing() =>
        Assert.All(Advantages.Compute([Game(0, 0, 0.1, 0.2), Game(0, 0, 0.1, 0.2), Game(0, 0, 0.1, 0.2)], 1, 0.9)[0], e => Assert.Equal(0, e.Advantage));

    [Fact]
    public void Groups_and_models_are_compared_among_themselves_only()
    {
        var alone = Of(Advantages.Compute([Game(0, 0, 3), Game(0, 0, 1)], 2, 1)[0]);
        var amongOthers = Advantages.Compute([Game(0, 0, 3), Game(1, 0, 50), Game(0, 1, 900), Game(0, 0, 1), Game(1, 0, -7), Game(0, 1, 100)], 2, 1);
        Assert.Equal([alone[0], 1, alone[1], -1], Of(amongOthers[0]));
        Assert.Equal([1.0, -1.0], Of(amongOthers[1]));
    }

    [Fact]
    public void A_turn_is_compared_with_the_same_turn_of_games_that_got_so_far()
    {
        var experiences = Advantages.Compute([Game(0, 0, 1, 5), Game(0, 0, 2), Game(0, 0, 3, 7), Game(0, 0)], 1, 0)[0];
        var first = Math.Sqrt(2.0 / 3);
        Assert.Equal([-1 / first, -1, 0, 1 / first, 1], Of(experiences).Select(a => Math.Round(a, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    private static double[] Of(IReadOnlyList<Experience> experiences) => [.. experiences.Select(e => e.Advantage)];

    private static Trajectory Game(int model, int group, params double[] shapedRewards) => new()
    {
        Model = model,
        Group = group,
        Turns = [.. shapedRewards.Select(reward => new Turn(new("?"), new("!", [0], [0f], 0), Reward: 1000, reward))],
        Reward = 0,
        Won = false,
    };
}

using CoreSrl.Plugins.CustomMetrics;
using CsCheck;

namespace CoreSrl.Tests.CustomMetrics;

/// <summary>The convergence rate, against sums done by hand and against what must hold for any rewards.</summary>
public sealed class RewardTrendTests
{
    private static readonly Gen<double[]> Rewards = Gen.Double[-100, 100].Array[3, 60];

    [Fact]
    public void A_line_has_its_own_slope_and_no_error()
    {
        var trend = RewardTrend.Fit([1, 1.5, 2, 2.5])!.Value;
        Assert.Equal((0.5, 0), (trend.Slope, trend.StandardError));
    }

    // Worked by hand: x̄ = 1, ȳ = 1, S = 2; b = ((−1)(−1) + 0 + (1)(0)) / 2 = 0.5; residuals −0.5, 1, −0.5, Σ r² = 1.5; √(1.5 / 1 / 2).
    [Fact]
    public void Three_rewards_off_the_line_have_the_slope_and_error_worked_by_hand()
    {
        var trend = RewardTrend.Fit([0, 2, 1])!.Value;
        Assert.Equal(0.5, trend.Slope, 15);
        Assert.Equal(Math.Sqrt(0.75), trend.StandardError, 15);
    }

    // x̄ = 2, ȳ = 3, S = 10, Σ (x − x̄)(y − ȳ) = (−2)(−2) + (−1)(1) + 0 + (1)(−1) + (2)(2) = 6; r = −0.8, 1.6, 0, −1.6, 0.8, Σ r² = 6.4.
    [Fact]
    public void Five_rewards_have_the_slope_and_error_worked_by_hand()
    {
        var trend = RewardTrend.Fit([1, 4, 3, 2, 5])!.Value;
        Assert.Equal(0.6, trend.Slope, 15);
        Assert.Equal(Math.Sqrt(6.4 / 3 / 10), trend.StandardError, 15);
    }

    [Theory]
    [InlineData]
    [InlineData(1.0)]
    [InlineData(1.0, 2.0)]
    [InlineData(1.0, double.NaN, 2.0)]
    [InlineData(1.0, double.PositiveInfinity, 2.0)]
    [InlineData(double.MaxValue, -double.MaxValue, double.MaxValue, -double.MaxValue)]
    public void What_has_no_finite_slope_and_error_has_none(params double[] rewards) => Assert.Null(RewardTrend.Fit(rewards));

    [Fact]
    public void Turning_the_rewards_round_turns_the_slope_round_and_leaves_the_error() => Rewards.Sample(rewards =>
    {
        var (trend, turned) = (RewardTrend.Fit(rewards)!.Value, RewardTrend.Fit([.. rewards.Reverse()])!.Value);
        Assert.Equal(-trend.Slope, turned.Slope, 1e-9);
        Assert.Equal(trend.StandardError, turned.StandardError, 1e-9);
    });

    [Fact]
    public void Adding_a_line_adds_its_slope_and_leaves_the_error() => Gen.Select(Rewards, Gen.Double[-10, 10], Gen.Double[-100, 100]).Sample((rewards, slope, start) =>
    {
        var (trend, risen) = (RewardTrend.Fit(rewards)!.Value, RewardTrend.Fit([.. rewards.Select((reward, i) => reward + start + (slope * i))])!.Value);
        Assert.Equal(trend.Slope + slope, risen.Slope, 1e-9);
        Assert.Equal(trend.StandardError, risen.StandardError, 1e-7);
    });

    [Fact]
    public void No_other_slope_through_the_middle_fits_better() => Gen.Select(Rewards, Gen.Double[-1, 1]).Sample((rewards, other) =>
    {
        var trend = RewardTrend.Fit(rewards)!.Value;
        double Misfit(double slope) => rewards.Select((reward, i) => reward - rewards.Average() - (slope * (i - ((rewards.Length - 1) / 2.0)))).Sum(r => r * r);
        Assert.True(Misfit(trend.Slope) <= Misfit(trend.Slope + other) + 1e-6);
    });
}

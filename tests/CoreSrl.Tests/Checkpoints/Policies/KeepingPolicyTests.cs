using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using static CoreSrl.Tests.Checkpoints.Policies.Facts;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>What stays.</summary>
public sealed class KeepingPolicyTests
{
    [Theory]
    [InlineData(1, "4 5 6")]
    [InlineData(3, "2 3 4 5 6")]
    [InlineData(-1, "1 2 3 4 5 6")]
    [InlineData(100, "1 2 3 4 5 6")]
    public void Keep_last_keeps_the_newest_and_does_not_count_final_ones(int count, string expected)
    {
        SavedCheckpoint[] saved = [Saved(6, final: true), Saved(5, final: true), Saved(4), Saved(3), Saved(2), Saved(1)];
        Assert.Equal(expected, Join(new KeepLastPolicy(new() { Count = count }).Keep(saved)));
    }

    [Theory]
    [InlineData(MetricMode.Max, 1, "4")]
    [InlineData(MetricMode.Max, 2, "4 5")]
    [InlineData(MetricMode.Max, 9, "3 4 5 6")]
    [InlineData(MetricMode.Min, 1, "6")]
    [InlineData(MetricMode.Min, 2, "3 6")]
    public void Keep_best_keeps_the_best_and_what_is_no_number_never_wins(MetricMode mode, int count, string expected)
    {
        SavedCheckpoint[] saved =
        [
            Of(9, double.PositiveInfinity), Of(8, double.NaN), Of(7, double.NegativeInfinity), Of(6, -2), Of(5, 1), Of(4, 3), Of(3, 0.5), Saved(2),
        ];
        Assert.Equal(expected, Join(new KeepBestPolicy(new() { Metric = "m", Mode = mode, Count = count }).Keep(saved)));
    }

    [Fact]
    public void Of_equally_good_ones_keep_best_keeps_the_newer() =>
        Assert.Equal("7", Join(new KeepBestPolicy(new() { Metric = "m" }).Keep([Of(7, 1), Of(5, 1), Of(3, 1)])));

    [Theory]
    [InlineData("50 100 150 200 250 300", 100, "100 200 300")]
    [InlineData("103 158 207 260 301 399", 100, "103 207 301")]
    [InlineData("30 60 90", 100, "")]
    [InlineData("1 2 3", 1, "1 2 3")]
    public void Keep_every_keeps_the_earliest_behind_each_multiple(string episodes, long every, string expected) =>
        Assert.Equal(expected, Join(new KeepEveryPolicy(new() { Episodes = every }).Keep(History(episodes.Split(' ').Select(long.Parse)))));

    [Fact]
    public void Keep_every_keeps_of_one_episode_the_one_that_was_taken_first()
    {
        // An episode that was gone back behind is played, and saved, again.
        SavedCheckpoint[] saved = [Saved(100) with { Id = "again", Timestamp = Began + TimeSpan.FromDays(1) }, Saved(100)];
        Assert.Equal("100", Join(new KeepEveryPolicy(new() { Episodes = 100 }).Keep(saved)));
    }

    [Theory]
    [InlineData(false, "1 2 4")]
    [InlineData(true, "4")]
    public void A_rule_for_pruning_sees_final_ones_only_where_they_may_go(bool includeFinal, string kept)
    {
        SavedCheckpoint[] saved =
        [
            Saved(At(4, metrics: ("m", 9)), final: true), Saved(At(3, metrics: ("m", 1))), Saved(At(2, metrics: ("m", 8))), Saved(At(1, metrics: ("m", 2)), final: true),
        ];
        Assert.Equal(kept, Join(new PruneRule(new KeepBestPolicy(new() { Metric = "m" }), includeFinal).Keep(saved)));
    }

    [Fact]
    public void Keep_younger_counts_back_from_the_newest()
    {
        // A minute apart, and the newest a day ago: nothing grows old while nothing is trained.
        Assert.Equal("10 8 9", Join(new KeepYoungerPolicy(new() { Age = TimeSpan.FromMinutes(3) }).Keep(History(5, 6, 7, 8, 9, 10))));
        Assert.Empty(new KeepYoungerPolicy(new() { Age = TimeSpan.FromMinutes(3) }).Keep([]));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(100, "5")]
    [InlineData(299, "4 5")]
    [InlineData(300, "3 4 5")]
    [InlineData(1299, "3 4 5")]
    [InlineData(1349, "2 3 4 5")]
    [InlineData(1350, "1 2 3 4 5")]
    public void Keep_under_bytes_keeps_the_newest_that_fit(long bytes, string expected)
    {
        SavedCheckpoint[] saved = [Saved(5), Saved(4), Saved(3), Saved(2, size: 1000), Saved(1, size: 50)];
        Assert.Equal(expected, Join(new KeepUnderBytesPolicy(new() { Bytes = bytes }).Keep(saved)));
    }

    [Fact]
    public void Keep_under_bytes_counts_final_ones_first_because_they_stay()
    {
        SavedCheckpoint[] saved = [Saved(5), Saved(4), Saved(3, final: true, size: 150)];
        Assert.Equal("5", Join(new KeepUnderBytesPolicy(new() { Bytes = 250 }).Keep(saved)));
    }

    private static SavedCheckpoint Of(long episode, double value) => Saved(At(episode, metrics: ("m", value)));
}

using CoreSrl.Abstractions;
using CoreSrl.Plugins.ConditionalBest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static CoreSrl.Tests.Checkpoints.Policies.Facts;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>The plugin that saves when a metric is better than ever.</summary>
public sealed class ConditionalBestTests
{
    [Theory]
    [InlineData("1 2 2 1 3", "1 2 5")]
    [InlineData("NaN 1 NaN Infinity 2 -Infinity 1", "2 5")]
    [InlineData("-3 -2 -1 -2", "1 2 3")]
    public void It_saves_what_is_better_than_every_one_before(string values, string saved) =>
        Assert.Equal(saved, Saves(new() { Metric = "m" }, values));

    [Fact]
    public void With_min_smaller_is_better() => Assert.Equal("1 3 4", Saves(new() { Metric = "m", Mode = MetricMode.Min }, "2 3 1 -1 -1"));

    [Fact]
    public void A_smaller_improvement_than_asked_for_adds_up_until_it_is_enough() =>
        Assert.Equal("1 4 6", Saves(new() { Metric = "m", MinImprovement = 0.3 }, "1 1.1 1.2 1.3 1.4 2"));

    [Fact]
    public void An_improvement_of_just_what_is_asked_for_is_enough() =>
        Assert.Equal("1 2 4", Saves(new() { Metric = "m", MinImprovement = 0.5 }, "1 1.5 1.75 2"));

    [Fact]
    public void Within_the_patience_every_improvement_counts_and_on_a_plateau_only_a_real_one()
    {
        // 1.1 comes within two episodes of the best before; 1.2 does not, and is no real improvement; 1.7 is one.
        Assert.Equal("1 2 6", Saves(new() { Metric = "m", MinImprovement = 0.5, Patience = 2 }, "1 1.1 1 1 1.2 1.7"));
        // After a real one, small ones count again.
        Assert.Equal("1 5 6", Saves(new() { Metric = "m", MinImprovement = 0.5, Patience = 2 }, "1 1 1.2 1.3 1.6 1.61"));
    }

    [Fact]
    public void What_it_saves_has_both_tags()
    {
        var decision = Policy(new() { Metric = "m" }).Decide(At(1, metrics: ("m", 1)), []);
        Assert.Equal(["best", "best:m"], decision.Tags.ToArray());
        Assert.Equal("first m: 1", decision.Reason);
    }

    [Fact]
    public void The_best_so_far_is_read_from_the_checkpoints_it_has_tagged()
    {
        SavedCheckpoint[] saved = [Saved(At(3, metrics: ("m", 9))), Saved(At(2, metrics: ("m", 5)), tags: ["best", "best:m"]), Saved(At(1, metrics: ("m", 7)), tags: ["best", "best:other"])];
        Assert.True(Policy(new() { Metric = "m" }).Decide(At(4, metrics: ("m", 6)), saved).ShouldSave);
        Assert.False(Policy(new() { Metric = "m" }).Decide(At(4, metrics: ("m", 5)), saved).ShouldSave);
    }

    [Theory]
    [InlineData(1, "3")]
    [InlineData(2, "2 3")]
    [InlineData(9, "1 2 3")]
    public void It_keeps_the_best_of_those_it_has_tagged(int keep, string kept)
    {
        SavedCheckpoint[] saved = [Saved(At(4, metrics: ("m", 9))), Best(3, 7), Best(2, 5), Best(1, 3)];
        Assert.Equal(kept, Join(Policy(new() { Metric = "m", Keep = keep }).Keep(saved)));
    }

    [Fact]
    public void A_metric_that_does_not_exist_is_told_once_with_the_known_names()
    {
        var log = new Lines();
        var policy = new ConditionalBest(new() { Metric = "avg_rewrd" }, log);
        for (var episode = 1; episode <= 3; episode++)
            Assert.False(policy.Decide(At(episode, metrics: [("recent_reward", 1), ("avg_reward", 2)]), []).ShouldSave);
        Assert.Equal(
            "Policy 'conditional-best' finds no number called 'avg_rewrd' at episode 1, and saves nothing until there is one. Known: avg_reward, recent_reward.",
            Assert.Single(log.Said));
    }

    private static SavedCheckpoint Best(long episode, double value) => Saved(At(episode, metrics: ("m", value)), tags: ["best", "best:m"]);

    private static ConditionalBest Policy(ConditionalBestOptions options) => new(options, NullLogger<ConditionalBest>.Instance);

    /// <summary>After which episodes it saves when each is saved that it wants.</summary>
    private static string Saves(ConditionalBestOptions options, string values)
    {
        var saved = new List<SavedCheckpoint>();
        foreach (var (index, value) in values.Split(' ').Select(double.Parse).Index())
        {
            var now = At(index + 1, metrics: ("m", value));
            if (Policy(options).Decide(now, saved) is { ShouldSave: true } decision)
                saved.Insert(0, Saved(now, tags: [.. decision.Tags]));
        }

        return string.Join(' ', saved.Select(checkpoint => checkpoint.Episode).Order());
    }

    private sealed class Lines : ILogger<ConditionalBest>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}

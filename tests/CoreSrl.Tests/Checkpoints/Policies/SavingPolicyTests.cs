using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using static CoreSrl.Tests.Checkpoints.Policies.Facts;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>When a checkpoint is taken.</summary>
public sealed class SavingPolicyTests
{
    [Theory]
    [InlineData(1, 1, "every episode")]
    [InlineData(10, 20, "every 10 episodes")]
    [InlineData(10, 25, null)]
    public void Interval_saves_every_so_many_episodes(long interval, long episode, string? reason) =>
        Assert.Equal(reason, Reason(new IntervalPolicy(new() { Episodes = interval }), At(episode)));

    [Theory]
    [InlineData(99, null, false)]
    [InlineData(100, null, true)]
    [InlineData(130, null, true)]
    [InlineData(199, 100L, false)]
    [InlineData(203, 199L, true)]
    [InlineData(299, 203L, false)]
    [InlineData(420, 203L, true)]
    public void Interval_saves_at_the_first_boundary_behind_a_multiple_of_so_many_environment_steps(long steps, long? savedAt, bool saves)
    {
        SavedCheckpoint[] saved = savedAt is { } before ? [Saved(At(1, steps: before))] : [];
        Assert.Equal(saves ? "every 100 environment steps" : null, Reason(new IntervalPolicy(new() { EnvironmentSteps = 100 }), At(2, steps: steps), saved));
    }

    [Theory]
    [InlineData(29.9, null, false)]
    [InlineData(30.0, null, true)]
    [InlineData(59.9, 30.0, false)]
    [InlineData(60.0, 30.0, true)]
    public void Every_seconds_counts_the_time_trained_since_the_checkpoint_before(double seconds, double? savedAt, bool saves)
    {
        SavedCheckpoint[] saved = savedAt is { } before ? [Saved(At(1, seconds: before))] : [];
        Assert.Equal(saves ? "every 30 s of training" : null, Reason(new EverySecondsPolicy(new() { Seconds = 30 }), At(2, seconds), saved));
    }

    [Fact]
    public void After_a_return_to_an_older_checkpoint_later_ones_do_not_count()
    {
        // Episodes 90 and 100 were saved; then training went back to episode 50.
        var policy = new EverySecondsPolicy(new() { Seconds = 30 });
        Assert.Null(Reason(policy, At(70), History(50, 90, 100)));
        Assert.Null(Reason(policy, At(90), History(50, 90, 100))); // Of this very episode there is one.
        Assert.NotNull(Reason(policy, At(80), History(50, 90, 100)));
    }

    [Theory]
    [InlineData(0, 0, true, "nothing is known of the cost yet")]
    [InlineData(100, 1, true, "1 s spent and 1 s to come are 2 % of 100 s")]
    [InlineData(99, 1, false, "1 s spent and 1 s to come are more than 2 % of 99 s")]
    [InlineData(100, 3, false, "more is spent than there was")]
    public void Overhead_budget_saves_when_what_is_spent_and_what_the_last_save_cost_are_within(double seconds, double heldUp, bool saves, string why)
    {
        // The only save so far was taken after 10 s of training, when nothing had been held up: all of it is what it cost.
        SavedCheckpoint[] saved = heldUp > 0 ? [Saved(At(1, seconds: 10, heldUp: 0))] : [];
        Assert.True(saves == Reason(new OverheadBudgetPolicy(new() { Percent = 2 }), At(9, seconds, heldUp), saved) is not null, why);
    }

    [Fact]
    public void Overhead_budget_is_not_made_larger_by_what_was_spent_before_a_return_to_an_older_checkpoint() =>
        Assert.Null(Reason(new OverheadBudgetPolicy(new() { Percent = 2 }), At(9, seconds: 100, heldUp: 2.5), [Saved(At(9, heldUp: 5))]));

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.4)]
    [InlineData(2.0)]
    public void Overhead_budget_saves_as_often_as_the_budget_allows_and_no_more(double cost)
    {
        // A thousand episodes of a second each; half-way a save begins to cost three times as much.
        var policy = new OverheadBudgetPolicy(new() { Percent = 5 });
        var saved = new List<SavedCheckpoint>();
        var heldUp = 0.0;
        for (var episode = 1; episode <= 1000; episode++)
        {
            var now = At(episode, seconds: episode, heldUp: heldUp);
            if (Reason(policy, now, saved) is null)
                continue;
            saved.Insert(0, Saved(now));
            heldUp += episode <= 500 ? cost : 3 * cost;
        }

        // The first save, of unknown cost, and the first dear one may each be a surprise; time makes up for both.
        Assert.InRange(heldUp, 0.85 * Math.Min(50, 500 * cost + 1500 * cost), 50 + 1e-9);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(10, true)]
    public void At_episodes_saves_after_those_named(long episode, bool saves) =>
        Assert.Equal(saves ? $"episode {episode} was asked for" : null, Reason(new AtEpisodesPolicy(new() { Episodes = [3, 10] }), At(episode)));

    [Fact]
    public void Options_made_in_code_are_held_to_the_same_rules()
    {
        Assert.Contains("give one of Episodes and EnvironmentSteps", Assert.Throws<ArgumentException>(() => new IntervalPolicy(new())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new IntervalPolicy(new() { Episodes = 1, EnvironmentSteps = 1 }));
        Assert.Contains("Seconds", Assert.Throws<ArgumentException>(() => new EverySecondsPolicy(new())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new OverheadBudgetPolicy(new() { Percent = 101 }));
        Assert.Throws<ArgumentException>(() => new AtEpisodesPolicy(new() { Episodes = [] }));
        Assert.Throws<ArgumentException>(() => new AtEpisodesPolicy(new() { Episodes = [1, 0] }));
        Assert.Throws<ArgumentException>(() => new KeepLastPolicy(new()));
        Assert.Throws<ArgumentException>(() => new KeepBestPolicy(new()));
        Assert.Throws<ArgumentException>(() => new KeepEveryPolicy(new()));
        Assert.Throws<ArgumentException>(() => new KeepYoungerPolicy(new()));
        Assert.Throws<ArgumentException>(() => new KeepUnderBytesPolicy(new()));
    }

    private static string? Reason(ICheckpointPolicy policy, TrainingProgress progress, params IReadOnlyList<SavedCheckpoint> saved) =>
        policy.Decide(progress, saved) is { ShouldSave: true } decision ? decision.Reason : null;
}

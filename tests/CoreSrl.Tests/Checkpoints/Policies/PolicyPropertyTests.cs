using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Plugins.ConditionalBest;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using static CoreSrl.Tests.Checkpoints.Policies.Facts;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>What holds of every policy, whatever there is to decide by.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly Gen<ICheckpointPolicy> Simple = Gen.OneOf(
        Gen.Long[1, 9].Select(n => (ICheckpointPolicy)new IntervalPolicy(new() { Episodes = n })),
        Gen.Long[1, 90].Select(n => (ICheckpointPolicy)new IntervalPolicy(new() { EnvironmentSteps = n })),
        Gen.Double[0.1, 20].Select(s => (ICheckpointPolicy)new EverySecondsPolicy(new() { Seconds = s })),
        Gen.Double[0.1, 50].Select(p => (ICheckpointPolicy)new OverheadBudgetPolicy(new() { Percent = p })),
        Gen.Long[1, 60].Array[1, 5].Select(e => (ICheckpointPolicy)new AtEpisodesPolicy(new() { Episodes = e })),
        Gen.Select(Gen.Enum<MetricMode>(), Gen.Double[0, 1], Gen.Int[1, 4], (mode, min, keep) =>
            (ICheckpointPolicy)new ConditionalBest(new() { Metric = "m", Mode = mode, MinImprovement = min, Keep = keep }, NullLogger<ConditionalBest>.Instance)));

    private static readonly Gen<ICheckpointPolicy> Keeping = Gen.OneOf(
        Gen.Int[1, 9].Select(n => (ICheckpointPolicy)new KeepLastPolicy(new() { Count = n })),
        Gen.Select(Gen.Enum<MetricMode>(), Gen.Int[1, 4], (mode, n) => (ICheckpointPolicy)new KeepBestPolicy(new() { Metric = "m", Mode = mode, Count = n })),
        Gen.Long[1, 20].Select(n => (ICheckpointPolicy)new KeepEveryPolicy(new() { Episodes = n })),
        Gen.Int[1, 60].Select(n => (ICheckpointPolicy)new KeepYoungerPolicy(new() { Age = TimeSpan.FromMinutes(n) })),
        Gen.Long[1, 3000].Select(n => (ICheckpointPolicy)new KeepUnderBytesPolicy(new() { Bytes = n })));

    private static readonly Gen<ICheckpointPolicy> Any = Gen.OneOf(
        Simple,
        Keeping,
        Simple.Array[1, 3].Select(members => (ICheckpointPolicy)new AllOfPolicy(members)),
        Gen.OneOf(Simple, Keeping).Array[1, 3].Select(members => (ICheckpointPolicy)new AnyOfPolicy([new AnyOfPolicy(members), .. members])));

    [Fact]
    public void The_same_facts_get_the_same_answer() => Gen.Select(Any, AnyHistory, Gen.Long[1, 60], AnyNumber).Sample((policy, saved, episode, value) =>
    {
        var now = At(episode, heldUp: episode * 0.01, metrics: ("m", value));
        var (one, two) = (policy.Decide(now, saved), policy.Decide(now, saved));
        Assert.Equal((one.ShouldSave, one.Reason, string.Join(' ', one.Tags)), (two.ShouldSave, two.Reason, string.Join(' ', two.Tags)));
        Assert.Equal(policy.Keep(saved), policy.Keep(saved));
    });

    [Fact]
    public void What_is_kept_is_there() => Gen.Select(Any, AnyHistory).Sample((policy, saved) =>
        Assert.Empty(policy.Keep(saved).Except(saved.Select(checkpoint => checkpoint.Id))));

    [Fact]
    public void What_is_removed_changes_nothing_about_what_stays() => Gen.Select(Keeping.Array[1, 4], AnyHistory).Sample((policies, saved) =>
    {
        // What was kept once is kept when the rest is gone: removal comes to rest.
        var keep = policies.SelectMany(policy => policy.Keep(saved)).Concat(saved.Take(1).Select(checkpoint => checkpoint.Id)).ToHashSet();
        IReadOnlyList<SavedCheckpoint> left = [.. saved.Where(checkpoint => keep.Contains(checkpoint.Id))];
        var again = policies.SelectMany(policy => policy.Keep(left)).Concat(left.Take(1).Select(checkpoint => checkpoint.Id)).ToHashSet();
        Assert.Equal(keep.Order(), again.Order());
    });

    [Fact]
    public void A_combination_keeps_what_each_of_its_members_keeps() => Gen.Select(Gen.OneOf(Simple, Keeping).Array[1, 4], AnyHistory).Sample((members, saved) =>
        Assert.Equal(members.SelectMany(member => member.Keep(saved)).Distinct().Order(), new AnyOfPolicy(members).Keep(saved).Order()));

    [Fact]
    public void What_is_no_number_never_wins() => Gen.Select(Gen.Enum<MetricMode>(), Gen.Int[1, 30], AnyHistory).Sample((mode, count, saved) =>
    {
        var byId = saved.ToDictionary(checkpoint => checkpoint.Id);
        var kept = new KeepBestPolicy(new() { Metric = "m", Mode = mode, Count = count }).Keep(saved).ToList();
        Assert.All(kept, id => Assert.True(double.IsFinite(byId[id].Metrics["m"])));
        Assert.Equal(Math.Min(count, saved.Count(checkpoint => double.IsFinite(checkpoint.Metrics["m"]))), kept.Count);
        var decision = new ConditionalBest(new() { Metric = "m", Mode = mode }, NullLogger<ConditionalBest>.Instance);
        Assert.All([double.NaN, double.PositiveInfinity, double.NegativeInfinity], value => Assert.False(decision.Decide(At(99, metrics: ("m", value)), saved).ShouldSave));
    });

    [Fact]
    public void Nothing_that_is_left_out_of_the_best_is_better_than_what_is_kept() => Gen.Select(Gen.Enum<MetricMode>(), Gen.Int[1, 5], AnyHistory).Sample((mode, count, saved) =>
    {
        var kept = new KeepBestPolicy(new() { Metric = "m", Mode = mode, Count = count }).Keep(saved).ToHashSet();
        var worst = saved.Where(checkpoint => kept.Contains(checkpoint.Id)).Select(checkpoint => checkpoint.Metrics["m"]).ToList();
        var left = saved.Where(checkpoint => !kept.Contains(checkpoint.Id) && double.IsFinite(checkpoint.Metrics["m"])).Select(checkpoint => checkpoint.Metrics["m"]);
        Assert.All(left, value => Assert.All(worst, best => Assert.True(mode.Gain(value, over: best) <= 0)));
    });
}

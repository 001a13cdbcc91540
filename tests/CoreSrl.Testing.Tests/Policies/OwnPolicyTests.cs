using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Plugins.ConditionalBest;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Testing.Tests.Policies;

/// <summary>The policies that the engine brings, and the plugin conditional-best.</summary>
public sealed class OwnPolicyTests
{
    private static readonly Dictionary<string, Func<ICheckpointPolicy>> Own = new()
    {
        ["interval"] = () => new IntervalPolicy(new() { Episodes = 7 }),
        ["interval of steps"] = () => new IntervalPolicy(new() { EnvironmentSteps = 100 }),
        ["every-seconds"] = () => new EverySecondsPolicy(new() { Seconds = 20 }),
        ["overhead-budget"] = () => new OverheadBudgetPolicy(new() { Percent = 0.1 }),
        ["at-episodes"] = () => new AtEpisodesPolicy(new() { Episodes = [1, 20, 100] }),
        ["keep-last"] = () => new KeepLastPolicy(new() { Count = 3 }),
        ["keep-last of all"] = () => new KeepLastPolicy(new() { Count = -1 }),
        ["keep-best"] = () => new KeepBestPolicy(new() { Metric = "avg_reward", Count = 2 }),
        ["keep-best by a loss"] = () => new KeepBestPolicy(new() { Metric = "policy_loss", Mode = MetricMode.Min }),
        ["keep-every"] = () => new KeepEveryPolicy(new() { Episodes = 30 }),
        ["keep-younger"] = () => new KeepYoungerPolicy(new() { Age = TimeSpan.FromMinutes(1) }),
        ["keep-under-bytes"] = () => new KeepUnderBytesPolicy(new() { Bytes = 5_000_000 }),
        ["any-of"] = () => new AnyOfPolicy([Best(), new IntervalPolicy(new() { Episodes = 9 }), new KeepLastPolicy(new() { Count = 2 })]),
        ["all-of"] = () => new AllOfPolicy([new IntervalPolicy(new() { Episodes = 2 }), new EverySecondsPolicy(new() { Seconds = 10 })]),
        ["conditional-best"] = Best,
        ["conditional-best with patience"] = () => new ConditionalBest(
            new() { Metric = "policy_loss", Mode = MetricMode.Min, MinImprovement = 0.2, Patience = 10, Keep = 3 }, NullLogger<ConditionalBest>.Instance),
    };

    public static TheoryData<string> Names => [.. Own.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task It_keeps_all_rules(string name) => new PolicyConformance(Own[name]).CheckAllAsync();

    private static ConditionalBest Best() => new(new() { Metric = "avg_reward" }, NullLogger<ConditionalBest>.Instance);
}

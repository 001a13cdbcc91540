using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Policies;

public sealed class PolicyKitTests
{
    private static readonly PolicyConformanceOptions Options = new() { Seed = 7, Metrics = ["avg_reward", "policy_loss"], Runs = 3 };

    public static TheoryData<string> Rules => Kit.Names(PolicyConformance.Rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_policy_keeps_the_rule(string rule) => new PolicyConformance(() => new GoodPolicy()).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_policy_with_a_memory_keeps_the_rule(string rule) => new PolicyConformance(() => new CountingPolicy(new Memory())).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_policy_that_breaks_the_rule_breaks_just_it(string rule) => Kit.BreaksJustAsync(rule, new PolicyConformance(BrokenPolicies.ByRule[rule], Options));
}

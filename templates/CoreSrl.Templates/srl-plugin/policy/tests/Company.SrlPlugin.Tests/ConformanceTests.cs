using CoreSrl.Testing;

namespace Company.SrlPlugin.Tests;

/// <summary>All that the contract promises, rule by rule.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Rules => [.. PolicyConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task It_keeps(string rule) => new PolicyConformance(() => new SrlFooPolicy(new())).CheckAsync(rule);
}

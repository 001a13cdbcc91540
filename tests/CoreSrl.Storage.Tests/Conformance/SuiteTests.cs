using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>The suite itself.</summary>
public sealed class SuiteTests
{
    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_correct_storage_keeps_the_rule(string rule) => new StorageConformance(new MemoryPlaces().Open).CheckAsync(rule);
}

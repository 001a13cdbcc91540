using CoreSrl.Storage.Tests.Conformance;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Azure;

public sealed class AzureConformanceTests
{
    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [AzureTheory]
    [MemberData(nameof(Rules))]
    public Task A_container_keeps_the_rule(string rule) => new StorageConformance(Container.Open, Sizes.Chosen).CheckAsync(rule);
}

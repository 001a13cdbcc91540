using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Conformance;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3ConformanceTests
{
    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [S3Theory]
    [MemberData(nameof(Rules))]
    public Task A_bucket_keeps_the_rule(string rule) =>
        new StorageConformance(place => new S3Storage(S3Server.NewPlace() with { Prefix = place }), Sizes.Chosen).CheckAsync(rule);
}

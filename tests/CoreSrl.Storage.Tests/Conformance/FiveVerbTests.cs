using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>The bodies that the contract itself gives its members, over the five verbs of a storage that has no more.</summary>
public sealed class FiveVerbTests
{
    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_contracts_own_bodies_keep_the_rule(string rule)
    {
        var places = new MemoryPlaces();
        return new StorageConformance(place => new FiveVerbStorage(places.Open(place))).CheckAsync(rule);
    }
}

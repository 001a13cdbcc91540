using CoreSrl.Storage.Tests.Conformance.Broken;
using CoreSrl.Testing;
using CoreSrl.Testing.Tests;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>What the suite catches.</summary>
public sealed class BrokenStorageTests
{
    // As little as the broken storages need: more than two of their parts, more than one of their pages.
    private static readonly StorageConformanceOptions Options = new() { Seed = 7, LargeLength = (2 * Part.Length) + 1, ListedObjects = 300, Rounds = 3, Racers = 16 };

    public static TheoryData<string> Rules => Kit.Names(StorageConformance.Rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_storage_that_breaks_the_rule_breaks_just_it(string rule)
    {
        var places = new MemoryPlaces();
        return Kit.BreaksJustAsync(rule, new StorageConformance(place => BrokenStorages.ByRule[rule](places.Open(place)), Options), $"(seed 7, at memory://conformance-{rule}-");
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Testing;

namespace Company.SrlPlugin.Tests;

/// <summary>All that the contract promises, rule by rule.</summary>
public sealed class ConformanceTests : IDisposable
{
    // The storage moves content in pieces of 1 MiB: an object of several of them is a large one.
    private static readonly StorageConformanceOptions Options = new() { LargeLength = (8 << 20) + 1 };

    private readonly string _folder = Directory.CreateTempSubdirectory("srl-foo-").FullName;

    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task It_keeps(string rule) =>
        new StorageConformance(place => new SrlFooStorage(new(), new StorageContext(Path.Combine(_folder, place))), Options).CheckAsync(rule);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

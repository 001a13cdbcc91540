using CoreSrl.Storage.Tests.Conformance.Broken;
using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>The suite itself.</summary>
public sealed class SuiteTests
{
    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_correct_storage_keeps_the_rule(string rule) => new StorageConformance(new MemoryPlaces().Open).CheckAsync(rule);

    [Fact]
    public async Task One_call_checks_all_rules_and_tells_each_that_is_not_kept()
    {
        var places = new MemoryPlaces();
        var options = new StorageConformanceOptions { LargeLength = 1_000_000, ListedObjects = 10, Rounds = 1 };
        await new StorageConformance(places.Open, options).CheckAllAsync();
        var error = await Assert.ThrowsAsync<ConformanceException>(() => new StorageConformance(place => new DeletesInFolders(places.Open(place)), options).CheckAllAsync());
        Assert.Contains("\ndeleting-nothing (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_rule_wrote_is_deleted_and_its_clients_are_closed()
    {
        var places = new MemoryPlaces();
        List<ClosingStorage> clients = [];
        await new StorageConformance(Open).CheckAsync("facts-agree");
        Assert.True(clients.Count > 1);
        Assert.All(clients, client => Assert.True(client.Closed));
        Assert.Empty(await places.Open(clients[0].Place).ListAsync("", default).ToListAsync());

        ClosingStorage Open(string place)
        {
            clients.Add(new(place, places.Open(place)));
            return clients[^1];
        }
    }

    private sealed class ClosingStorage(string place, Abstractions.ICheckpointStorage inner) : PassingStorage(inner), IDisposable
    {
        public string Place => place;

        public bool Closed { get; private set; }

        public void Dispose() => Closed = true;
    }
}

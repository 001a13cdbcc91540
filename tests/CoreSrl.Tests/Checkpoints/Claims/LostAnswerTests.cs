using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A conditional write succeeds and its writer is told that it did not: what is there is recognised as its own.</summary>
public sealed class LostAnswerTests
{
    [Theory]
    [InlineData(StorageErrorKind.Transient)]
    [InlineData(StorageErrorKind.PreconditionFailed)] // The storage itself tried again, and met what it had written.
    public async Task Of_taking_announcing_committing_and_giving_free(StorageErrorKind kind)
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var lost = new HashSet<string>();
        storage.After = (verb, key) => key.EndsWith(".json", StringComparison.Ordinal) && verb is "create" or "write" && lost.Add($"{verb} {key}")
            ? throw new StorageException(kind, key, "no answer")
            : Task.CompletedTask;
        string id;
        await using (var bench = await Bench.OpenAsync(storage, timers: new JumpingClock()))
        {
            id = (await bench.SaveAsync(1)).Id;
            lost.Clear();
            Assert.Equal(2, (await bench.SaveAsync(2)).Episode);
            await bench.Store.FlushAsync();
            lost.Clear();
        }

        Assert.Equal(["write claim.json"], lost);
        await using var next = await Bench.OpenAsync(storage, timers: new JumpingClock());
        await next.Store.ClaimAsync(default);
        Assert.Contains(id, next.Ids);
    }

    [Fact]
    public async Task By_the_claim_itself_where_nobody_compares_what_is_there()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var lost = new HashSet<string>();
        storage.After = (verb, key) => lost.Add($"{verb} {key}") ? throw new StorageException(StorageErrorKind.PreconditionFailed, key, "it has changed") : Task.CompletedTask;
        await using (var claim = await DirectoryClaim.TakeAsync(storage, "run", "directory", new JumpingClock(), NullLogger.Instance, default))
        {
            await claim.AnnounceAsync(["one"], default);
            lost.Clear();
            await claim.AnnounceAsync(["two"], default);
            Assert.Equal(["one", "two"], claim.Pending.ToArray());
            lost.Clear();
        }

        Assert.Equal(["write claim.json"], lost);
        var last = ClaimRecord.Parse(Encoding.UTF8.GetBytes(await storage.GetAsync("claim.json")))!;
        Assert.True(last.Released);
        Assert.Equal(["one", "two"], last.Pending.ToArray());
    }
}

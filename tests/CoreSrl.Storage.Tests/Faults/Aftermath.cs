using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>What must hold when the faults are over, as a fresh manager finds it on the server itself.</summary>
internal static class Aftermath
{
    /// <summary>Asserts that what was reported durable is there, that all that is listed is whole and what was saved, and that whoever
    /// goes on there leaves nothing half-written.</summary>
    /// <param name="store">The storage.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="durable">The checkpoints that were reported durable and that no policy has removed, oldest first.</param>
    /// <param name="floats">How large the state is.</param>
    /// <param name="story">What happened, for the message.</param>
    public static async Task AssertNothingLostAsync(Store store, string folder, IReadOnlyList<string> durable, int floats, string story)
    {
        var storage = store.Open(store.Server, folder, TimeSpan.FromSeconds(30));
        await using (var reading = await CheckpointManager.OpenReadOnlyAsync(storage))
        {
            Assert.True(reading.Damaged.Count == 0, $"{story}: {string.Join("; ", reading.Damaged.Select(damage => damage.Message))}");
            await foreach (var verdict in reading.VerifyAllAsync())
                Assert.True(verdict.IsWhole, $"{story}: {string.Join("; ", verdict.Problems.Select(problem => problem.Message))}");
            var listed = reading.Checkpoints.Select(saved => saved.Id).ToHashSet();
            Assert.True(durable.All(listed.Contains), $"{story}: durable were {string.Join(' ', durable)}, found are {string.Join(' ', listed)}");
            foreach (var saved in reading.Checkpoints)
            {
                var loop = new Loop(floats);
                await reading.RestoreAsync(saved.Id, loop.State);
                Assert.True(loop.IsAt(saved.Episode), $"{story}: {saved.Id} is not what was saved");
            }
        }

        // Its holder counts as dead from here, so the heir need not wait.
        await using (var heir = await CheckpointManager.OpenAsync(new AnothersStorage(storage, AnothersStorage.Dead), new() { RunName = "heir", MaxCheckpoints = -1 }))
        {
            var loop = new Loop(floats);
            loop.Reach(1_000);
            await (await heir.SaveAsync(1_000, null, loop.State));
        }

        await using var after = await CheckpointManager.OpenReadOnlyAsync(storage);
        var wanted = new HashSet<string>();
        foreach (var saved in after.Checkpoints)
        {
            var record = await after.DescribeAsync(saved.Id);
            wanted.UnionWith(record.Files.Keys.Select(path => CheckpointLayout.Key(saved.Id, path)));
            wanted.UnionWith(record.BaseWeights.Keys.Select(CheckpointLayout.BaseWeights));
        }

        // The metadata alone of a checkpoint that is none says that it was given up.
        var stray = await storage.ListAsync("", default).Select(info => info.Key)
            .Where(key => key.Contains('/', StringComparison.Ordinal) && !key.EndsWith("/metadata.json", StringComparison.Ordinal) && !wanted.Contains(key)).ToListAsync();
        Assert.True(stray.Count == 0, $"{story}: left half-written: {string.Join(' ', stray)}");
        (storage as IDisposable)?.Dispose();
    }
}

using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>How much a directory takes, and what pruning would free.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task Every_byte_is_counted_once_for_what_it_is_there_for()
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path), frozen: 1000);
        await bench.SaveAsync(1);
        await bench.SaveAsync(2);
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "five!");
        Directory.CreateDirectory(Path.Combine(folder.Path, "somebody_elses"));
        File.WriteAllText(Path.Combine(folder.Path, "somebody_elses", "file"), "6bytes");

        var usage = await bench.Store.MeasureAsync("run", default);

        Assert.Equal(bench.Ids.Select(id => (id, OnDisk(folder[id]))), usage.Checkpoints.Select(entry => (entry.Checkpoint.Id, entry.Bytes)));
        Assert.Equal(OnDisk(folder["base_weights"]), usage.BaseWeightBytes);
        Assert.Equal(new FileInfo(folder["claim.json"]).Length + 5 + 6, usage.OtherBytes);
        Assert.Equal(OnDisk(folder.Path), usage.TotalBytes);
        Assert.Empty(usage.Prunable);
        Assert.Equal(0, usage.PrunableBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task What_pruning_would_free_is_what_it_frees(int maximum)
    {
        var storage = new MemoryStorage();
        await using var earlier = await Bench.OpenAsync(storage, frozen: 10);
        await earlier.SaveAsync(1, tags: "kept");
        await earlier.SaveAsync(2, "an earlier run");
        await earlier.DisposeAsync();
        await using var middle = await Bench.OpenAsync(storage, frozen: 20, clock: earlier.Clock);
        await middle.SaveAsync(3);
        await middle.SaveAsync(4);
        await middle.DisposeAsync();
        await using var latest = await Bench.OpenAsync(storage, frozen: 10, clock: earlier.Clock);
        await latest.SaveAsync(5);
        await latest.SaveAsync(6, final: true);
        await latest.DisposeAsync();
        await using var bench = await Bench.OpenAsync(storage, maximum);

        var before = await bench.Store.MeasureAsync("run", default);
        Assert.Equal(before.Checkpoints.Count, bench.Ids.Length); // Asking removed nothing.
        await bench.Store.ClaimAsync(default);
        var claimed = await bench.Store.MeasureAsync("run", default);
        var removed = await bench.Store.PruneAsync("run", default);
        var after = await bench.Store.MeasureAsync("run", default);

        Assert.Equal(removed, before.Prunable);
        Assert.Equal(maximum switch { 1 => 2, 2 => 1, _ => 0 }, removed.Count);
        Assert.Equal(maximum == 1 ? 1 : 2, after.BaseWeights.Count);
        Assert.Equal(before.PrunableBytes, before.CheckpointBytes + before.BaseWeightBytes - after.CheckpointBytes - after.BaseWeightBytes);
        Assert.Equal(before.PrunableBytes, claimed.PrunableBytes);
        Assert.Empty(after.Prunable);
    }

    [Fact]
    public async Task Base_weights_are_not_counted_as_freed_while_a_damaged_checkpoint_may_need_them()
    {
        var storage = new MemoryStorage();
        await using var earlier = await Bench.OpenAsync(storage, frozen: 10);
        var damaged = (await earlier.SaveAsync(1)).Id;
        await earlier.DisposeAsync();
        await using var later = await Bench.OpenAsync(storage, frozen: 20, clock: earlier.Clock);
        await later.SaveAsync(2);
        await later.DisposeAsync();
        await using var latest = await Bench.OpenAsync(storage, frozen: 30, clock: earlier.Clock);
        await latest.SaveAsync(3);
        await latest.DisposeAsync();
        await storage.PutAsync($"{damaged}/metadata.json", "{}");
        await using var bench = await Bench.OpenAsync(storage, 1);

        var usage = await bench.Store.MeasureAsync("run", default);

        var goes = Assert.Single(usage.Prunable);
        Assert.Equal(usage.Checkpoints.Single(entry => entry.Checkpoint.Id == goes).Bytes, usage.PrunableBytes);
    }

    private static long OnDisk(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}

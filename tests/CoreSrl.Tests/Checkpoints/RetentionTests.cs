using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

public sealed class RetentionTests
{
    [Theory]
    [InlineData(1, "6")]
    [InlineData(3, "6 5 4")]
    [InlineData(-1, "6 5 4 3 2 1")]
    public async Task The_newest_so_many_stay(int maximum, string episodes)
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path), maximum);
        for (var episode = 1; episode <= 6; episode++)
            await bench.SaveAsync(episode);
        Assert.Equal(episodes, string.Join(' ', bench.Store.Checkpoints.Select(record => record.Episode)));
        var left = await StorageCalls.Open(folder.Path).KeysAsync();
        Assert.Equal(bench.Ids.Order(), left.Where(key => key != "claim.json").Select(key => key.Split('/')[0]).Distinct().Order());
        Assert.Equal(bench.Ids, (await Bench.OpenAsync(StorageCalls.Open(folder.Path))).Ids);
        foreach (var id in bench.Ids)
            await Bench.RestoreAsync(bench.Store, id);
    }

    [Fact]
    public async Task Of_a_removed_checkpoint_the_metadata_goes_first_and_the_new_one_is_durable_before()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage, maxCheckpoints: 1);
        var old = (await bench.SaveAsync(1)).Id;
        var files = (await bench.DescribeAsync(old)).Files.Keys.ToList();
        var before = storage.Changes.Count;
        var kept = (await bench.SaveAsync(2)).Id;
        var changes = storage.Changes.Skip(before).SkipWhile(change => change != $"create {kept}/metadata.json").ToList();
        Assert.Equal(["write claim.json", $"delete {old}/metadata.json"], changes[1..3]);
        Assert.Equal(files.Select(file => $"delete {old}/{file}").Order(), changes.Skip(3).Order());
    }

    [Fact]
    public async Task A_removal_that_stops_half_way_leaves_no_half_checkpoint()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage, maxCheckpoints: 1);
        await bench.SaveAsync(1);
        storage.Before = (verb, key) => verb == "delete" && key.EndsWith(".pt", StringComparison.Ordinal) ? throw new IOException("gone away") : Task.CompletedTask;
        await bench.SaveAsync(2);
        var opened = await Bench.OpenAsync(storage);
        Assert.Equal(2, opened.Store.Checkpoints.Single().Episode);
        Assert.Equal(bench.Ids, opened.Ids);
        await bench.Store.FlushAsync();
    }

    [Fact]
    public async Task Final_checkpoints_stay_and_are_not_counted()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage(), maxCheckpoints: 2);
        foreach (var (episode, final) in new[] { (1, false), (2, true), (3, false), (4, false), (5, true), (6, false) })
            await bench.SaveAsync(episode, final: final);
        Assert.Equal([6, 5, 4, 2], bench.Store.Checkpoints.Select(record => record.Episode));
    }

    [Fact]
    public async Task What_a_policy_keeps_stays_though_it_is_old()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage(), maxCheckpoints: 1);
        await bench.SaveAsync(1, tags: "kept");
        await bench.SaveAsync(2);
        await bench.SaveAsync(3);
        Assert.Equal([3, 1], bench.Store.Checkpoints.Select(record => record.Episode));
    }

    [Fact]
    public async Task Checkpoints_of_another_run_are_never_touched()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage(), maxCheckpoints: 1);
        await bench.SaveAsync(1, "an earlier run");
        await bench.SaveAsync(2, "an earlier run");
        await bench.SaveAsync(1);
        await bench.SaveAsync(2);
        Assert.Equal([("run", 2), ("an earlier run", 2)], bench.Store.Checkpoints.Select(saved => (saved.RunId, (int)saved.Episode)));
        await Bench.RestoreAsync(bench.Store, bench.Ids[1]);
    }

    [Fact]
    public async Task Frozen_weights_are_stored_once_for_all_models_and_checkpoints()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage, maxCheckpoints: 2, frozen: 1000);
        for (var episode = 1; episode <= 4; episode++)
            await bench.SaveAsync(episode);
        var written = Assert.Single(storage.Changes, change => change.Contains("base_weights/", StringComparison.Ordinal));
        Assert.Equal($"write base_weights/{(await bench.DescribeAsync(bench.Ids[0])).BaseWeights.Keys.Single()}.safetensors", written);
        Assert.True(bench.Store.Checkpoints[0].SizeBytes < 8000);
    }

    [Fact]
    public async Task Frozen_weights_go_with_the_last_checkpoint_that_refers_to_them()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var earlier = await Bench.OpenAsync(storage, maxCheckpoints: 2, frozen: 10);
        await earlier.SaveAsync(1);
        await earlier.SaveAsync(2);
        await earlier.DisposeAsync();
        await using var later = await Bench.OpenAsync(storage, maxCheckpoints: 2, frozen: 20, clock: earlier.Clock);
        var shared = $"base_weights/{(await later.DescribeAsync(later.Ids[0])).BaseWeights.Keys.Single()}.safetensors";
        await later.SaveAsync(3);
        Assert.DoesNotContain($"delete {shared}", storage.Changes);
        await later.SaveAsync(4);
        Assert.Equal($"delete {shared}", storage.Changes[^1]);
        Assert.Null(await storage.StatAsync(shared, default));
        foreach (var id in later.Ids)
            await Bench.RestoreAsync(later.Store, id, frozen: 20, frozenValue: 0);
    }
}

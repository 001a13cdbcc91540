using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

public sealed class CatalogTests
{
    [Fact]
    public async Task Episode_100_is_newer_than_episode_90()
    {
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage);
        await bench.SaveAsync(90);
        await bench.SaveAsync(100);
        Assert.Equal([100, 90], (await Bench.OpenAsync(storage)).Store.Checkpoints.Select(record => record.Episode));
    }

    [Fact]
    public async Task Of_one_moment_the_later_episode_is_newer()
    {
        var storage = new MemoryStorage();
        foreach (var episode in new[] { 100, 90, 110 })
            await PutAsync(storage, $"z{200 - episode}", episode, "2026-01-01T00:00:00.0000000+00:00");
        await PutAsync(storage, "a", 5, "2026-01-01T00:00:00.0000001+00:00");
        Assert.Equal([5, 110, 100, 90], (await Bench.OpenAsync(storage)).Store.Checkpoints.Select(record => record.Episode));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_turn_the_order()
    {
        var storage = new MemoryStorage();
        var clock = new StillClock();
        await using var bench = await Bench.OpenAsync(storage, clock: clock);
        await bench.SaveAsync(1);
        clock.Now -= TimeSpan.FromDays(1);
        await bench.SaveAsync(2);
        await bench.DisposeAsync();
        clock.Now -= TimeSpan.FromDays(1);
        await using var later = await Bench.OpenAsync(storage, clock: clock);
        await later.SaveAsync(3);
        Assert.Equal([3, 2, 1], later.Store.Checkpoints.Select(record => record.Episode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{ "format_version": "one" }""")]
    public async Task Damaged_metadata_is_set_aside_and_the_others_are_listed(string json)
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        for (var episode = 1; episode <= 3; episode++)
            await bench.SaveAsync(episode);
        var damaged = bench.Ids[1];
        await File.WriteAllTextAsync(folder[damaged, "metadata.json"], json);

        await using var opened = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        Assert.Equal([3, 1], opened.Store.Checkpoints.Select(record => record.Episode));
        var error = Assert.Single(opened.Store.Damaged);
        Assert.Equal((damaged, "metadata.json"), (error.CheckpointId, error.File));
        Assert.StartsWith($"Checkpoint '{damaged}': metadata.json is not the metadata of a checkpoint (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_a_newer_layout_is_set_aside_with_the_remedy()
    {
        var storage = new MemoryStorage();
        await storage.PutAsync("x/metadata.json", """{ "format_version": 3 }""");
        await using var opened = await Bench.OpenAsync(storage);
        Assert.Equal("Checkpoint 'x': metadata.json has format version 3; this program reads up to 2. Update Core SRL.", Assert.Single(opened.Store.Damaged).Message);
    }

    [Fact]
    public async Task A_new_checkpoint_never_takes_the_name_of_a_damaged_one()
    {
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage);
        var id = (await bench.SaveAsync(7)).Id;
        await bench.DisposeAsync();
        storage.Objects[$"{id}/metadata.json"] = "damaged"u8.ToArray();
        await using var later = await Bench.OpenAsync(storage);
        Assert.NotEqual(id, (await later.SaveAsync(7)).Id);
        Assert.Equal("damaged", await storage.GetAsync($"{id}/metadata.json"));
    }

    [Fact]
    public async Task Files_without_metadata_are_no_checkpoint()
    {
        var storage = new MemoryStorage();
        await storage.PutAsync("half/notes.txt", "{}");
        await storage.PutAsync("metadata.json", "{}");
        await storage.PutAsync("deep/er/metadata.json", "{}");
        await using var opened = await Bench.OpenAsync(storage);
        Assert.Empty(opened.Ids);
        Assert.Empty(opened.Store.Damaged);
    }

    [Fact]
    public async Task A_checkpoint_whose_metadata_is_gone_is_told_but_one_that_is_being_written_or_removed_is_not()
    {
        using var folder = new TemporaryFolder();
        var storage = new FaultyStorage(StorageCalls.Open(folder.Path));
        await using var bench = await Bench.OpenAsync(storage, maxCheckpoints: 1, frozen: 2);
        var seen = new List<(string Change, int Files)>();
        storage.Before = LookAsync;
        storage.After = LookAsync;
        for (var episode = 1; episode <= 3; episode++)
            await bench.SaveAsync(episode);
        Assert.Contains(seen, look => look.Change.StartsWith("create ", StringComparison.Ordinal) && look.Files > 0);
        Assert.Contains(seen, look => look.Change.StartsWith("delete ", StringComparison.Ordinal) && look.Files > 0);

        storage.Before = storage.After = (_, _) => Task.CompletedTask;
        File.Delete(folder[bench.Ids[0], "metadata.json"]);
        await using var later = await Bench.OpenAsync(StorageCalls.Open(folder.Path));
        Assert.Equal($"Checkpoint '{bench.Ids[0]}': metadata.json is missing, though the checkpoint's other files are there; if it cannot be brought back, delete the folder.", Assert.Single(later.Store.Damaged).Message);
        Assert.Empty(later.Ids);

        async Task LookAsync(string verb, string key)
        {
            var catalog = await CheckpointCatalog.ReadAsync(StorageCalls.Open(folder.Path), default);
            Assert.Empty(catalog.Damaged);
            lock (seen)
                seen.Add(($"{verb} {key}", Directory.GetFiles(folder.Path, "training_state.json", SearchOption.AllDirectories).Length - catalog.Saved.Length));
        }
    }

    private static Task<ObjectInfo> PutAsync(MemoryStorage storage, string id, int episode, string timestamp) => storage.PutAsync($"{id}/metadata.json", $$"""
        { "format_version": 1, "run_id": "r", "episode": {{episode}}, "timestamp": "{{timestamp}}", "final": false, "environment_steps": 0,
          "tags": [], "base_weights": [], "global_metrics": {}, "model_states": {}, "files": {} }
        """);
}

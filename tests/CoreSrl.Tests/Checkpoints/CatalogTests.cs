using System.Text;
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
        await storage.PutAsync("half/training_state.json", "{}");
        await storage.PutAsync("metadata.json", "{}");
        await storage.PutAsync("deep/er/metadata.json", "{}");
        await using var opened = await Bench.OpenAsync(storage);
        Assert.Empty(opened.Ids);
        Assert.Empty(opened.Store.Damaged);
    }

    [Fact]
    public async Task Whatever_bit_of_the_metadata_flips_is_noticed_when_the_directory_is_opened()
    {
        const ulong seed = 3;
        var random = new SeededRandom(seed);
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage, frozen: 2);
        await bench.SaveAsync(7, tags: "best");
        var (key, json) = storage.Objects.Single(pair => pair.Key.EndsWith("/metadata.json", StringComparison.Ordinal));
        for (var trial = 0; trial < 2000; trial++)
        {
            var flipped = json.ToArray();
            flipped[random.NextInt32(json.Length)] ^= (byte)(1 << random.NextInt32(8));
            storage.Objects[key] = flipped;
            var opened = await CheckpointCatalog.ReadAsync(storage, default);
            Assert.True(opened.Saved.IsEmpty && opened.Damaged is [{ File: "metadata.json" }], $"seed {seed}, trial {trial}:\n{Encoding.UTF8.GetString(flipped)}");
        }
    }

    private static Task<ObjectInfo> PutAsync(MemoryStorage storage, string id, int episode, string timestamp) => storage.PutAsync($"{id}/metadata.json", $$"""
        { "format_version": 1, "run_id": "r", "episode": {{episode}}, "timestamp": "{{timestamp}}", "final": false, "environment_steps": 0,
          "tags": [], "base_weights": [], "global_metrics": {}, "model_states": {}, "files": {} }
        """);
}

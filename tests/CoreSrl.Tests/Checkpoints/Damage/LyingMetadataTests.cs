using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>
/// Metadata that is valid JSON with a right digest, and lies. It is damage that is told by checkpoint and file; nothing is read that
/// is not the checkpoint's, no more memory is taken than the files are long, and the checkpoint before is used.
/// </summary>
public sealed class LyingMetadataTests
{
    /// <summary>What may be allocated to refuse metadata, for each of its bytes, and whatever its length.</summary>
    private const int PerByte = 40, Allowance = 256 << 10;

    private static readonly Dictionary<string, (string File, Func<byte[], byte[]> Lie)> Lies = new()
    {
        ["a negative size"] = Of("metadata.json", Size("training_state.json", -1)),
        ["sizes that no number holds"] = Of("metadata.json", Size("training_state.json", long.MaxValue)),
        ["a size beyond any disk"] = Of("training_state.json", Size("training_state.json", 1L << 60)),
        ["a size beyond any disk, of tensors"] = Of("lora_weights/lora_0.pt", Size("lora_weights/lora_0.pt", 1L << 60)),
        ["a size that is a text"] = Of("metadata.json", Size("training_state.json", "1")),
        ["a size that is missing"] = Of("metadata.json", document => document["files"]!["training_state.json"]!.AsObject().Remove("size")),
        ["no digest"] = Of("metadata.json", Digest("training_state.json", null)),
        ["a digest that is none"] = Of("metadata.json", Digest("training_state.json", "00")),
        ["the digest of something else"] = Of("training_state.json", Digest("training_state.json", new string('0', 32))),
        ["a path out of the checkpoint"] = Of("metadata.json", Path("../secret.json")),
        ["a path out of the directory"] = Of("metadata.json", Path("../../secret.json")),
        ["a path through a folder of the checkpoint"] = Of("metadata.json", Path("model_weights/../../../secret.json")),
        ["a path that is a folder"] = Of("metadata.json", Path("model_weights/..")),
        ["an absolute path"] = Of("metadata.json", Path("/etc/passwd")),
        ["a path with backslashes"] = Of("metadata.json", Path("..\\..\\secret.json")),
        ["a path of nobody"] = Of("metadata.json", Path("notes.txt")),
        ["itself among its files"] = Of("metadata.json", Path("metadata.json")),
        ["an empty path"] = Of("metadata.json", Path("")),
        ["a file that is a number"] = Of("metadata.json", document => document["files"]!["training_state.json"] = 7),
        ["base weights out of the directory"] = Of("metadata.json", document => document["base_weights"] = new JsonObject { ["../../secret"] = new JsonObject { ["size"] = 1, ["xxh128"] = new string('0', 32) } }),
        ["other base weights than the model's"] = Of("base_weights/{base}.safetensors", document => document["base_weights"] = new JsonObject()),
        ["a part where there is none"] = Of("metadata.json", document => document["files"]!["training_state.json"]!["parts"] = new JsonArray(new string('0', 32))),
        ["more parts than the file has"] = Of("metadata.json", document => document["files"]!["training_state.json"]!["parts"] = new JsonArray(new string('0', 32), new string('0', 32))),
        ["parts that are numbers"] = Of("metadata.json", document => document["files"]!["training_state.json"]!["parts"] = new JsonArray(0)),
        ["parts of another length"] = Of("metadata.json", document => document["part_length"] = 1024),
        ["a version to come"] = Of("metadata.json", document => document["format_version"] = 3),
        ["another's id"] = Of("metadata.json", document => document["checkpoint_id"] = "another"),
        ["a time that is none"] = Of("metadata.json", document => document["timestamp"] = "yesterday"),
        ["a negative episode"] = Of("metadata.json", document => document["episode"] = -1),
        ["an episode that no number holds"] = Text("metadata.json", "\"episode\": 2", "\"episode\": 1e400"),
        ["two values for a key"] = Text("metadata.json", "\"episode\": 2", "\"episode\": 2, \"episode\": 1"),
        ["two values for a file"] = Text("metadata.json", "\"files\": {", "\"files\": { \"training_state.json\": { \"size\": 1, \"xxh128\": \"0\" },"),
        ["two values for a key of what is only shown"] = Text("metadata.json", "\"model_states\": {", "\"model_states\": { \"model\": {},"),
        ["a hundred levels"] = Text("metadata.json", "\"config\": {}", $"\"config\": {new string('[', 100)}{new string(']', 100)}"),
        ["a million levels"] = Text("metadata.json", "\"config\": {}", $"\"config\": {new string('[', 1_000_000)}{new string(']', 1_000_000)}"),
    };

    public static TheoryData<string> Names => [.. Lies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_told_by_file_and_reads_nothing_that_is_not_the_checkpoints(string name)
    {
        using var two = await TwoCheckpoints.CreateAsync();
        var (file, lie) = Lies[name];
        file = two.NewerFiles.Keys.Single(known => known == file.Replace("{base}", BaseOf(two), StringComparison.Ordinal));
        var path = two.NewerFiles["metadata.json"];
        var lying = lie(await File.ReadAllBytesAsync(path));
        AssertCheap(two.Newer, lying);
        await File.WriteAllBytesAsync(path, lying);
        var allowed = AllKeys(two);
        var storage = new FaultyStorage(StorageCalls.Open(two.Path))
        {
            Reading = (verb, key) => verb == "list" || allowed.Contains(key) || key == "claim.json" ? Task.CompletedTask : throw new InvalidOperationException($"{verb} {key}"),
        };

        await using (var manager = await two.OpenAsync(storage: storage))
        {
            var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => manager.RestoreAsync(two.Newer, TwoCheckpoints.Unknown()));
            Assert.Equal((two.Newer, file), (error.CheckpointId, error.File));
            Assert.DoesNotContain(error.Message, char.IsControl);
            if (name != "other base weights than the model's") // Then the file that it does not name is whole: only who needs it misses it.
                Assert.Equal(file, Assert.Single((await manager.VerifyAsync(two.Newer)).Problems).File);
            Assert.True((await manager.VerifyAsync(two.Older)).IsWhole);
        }

        var model = TwoCheckpoints.Unknown();
        await using var restoring = await two.OpenAsync(storage: storage);
        Assert.Equal(1, (await restoring.RestoreLatestAsync(model))!.Step);
        Assert.True(two.IsOlder(model));
    }

    /// <summary>Each value in turn is of every other type. The checkpoint is whole all the same, or damaged; nothing else comes of it.</summary>
    [Fact]
    public async Task Values_of_a_wrong_type_are_damage_or_do_not_matter()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        var path = two.NewerFiles["metadata.json"];
        var whole = await File.ReadAllBytesAsync(path);
        var keys = JsonNode.Parse(whole)!.AsObject().Select(entry => entry.Key).Where(key => key != "xxh128").ToList();
        var (damaged, harmless) = (new HashSet<string>(), new HashSet<string>());
        foreach (var key in keys)
        {
            foreach (var value in new[] { "null", "true", "-7", "1.5", "\"text\"", "[]", "[7]", "[[]]", "{}", "{\"a\":7}", "{\"a\":{}}" })
            {
                await File.WriteAllBytesAsync(path, SealedText.Edit(whole, document => document[key] = JsonNode.Parse(value)));
                await using var manager = await two.OpenAsync();
                var error = await Record.ExceptionAsync(() => manager.RestoreAsync(two.Newer, TwoCheckpoints.Unknown()));
                Assert.True(error is null or DamagedCheckpointException, $"{key}: {value}: {error}");
                (error is null ? harmless : damaged).Add(key);
                await manager.VerifyAsync(two.Newer);
                Assert.Equal(error is null ? 2 : 1, (await manager.RestoreLatestAsync(TwoCheckpoints.Unknown()))!.Step);
            }

            await File.WriteAllBytesAsync(path, SealedText.Edit(whole, document => document.Remove(key)));
            await using var without = await two.OpenAsync();
            Assert.InRange((await without.RestoreLatestAsync(TwoCheckpoints.Unknown()))!.Step, 1, 2);
        }

        Assert.Superset(new HashSet<string> { "format_version", "checkpoint_id", "timestamp", "episode", "run_id", "final", "tags", "base_weights", "files" }, damaged);
        Assert.Superset(new HashSet<string> { "reason", "parent", "config", "plugins", "warnings" }, harmless);
    }

    [Fact]
    public async Task An_unknown_key_does_not_matter()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        var path = two.NewerFiles["metadata.json"];
        await File.WriteAllBytesAsync(path, SealedText.Edit(await File.ReadAllBytesAsync(path), document =>
        {
            document["mood"] = new JsonArray("sunny", new JsonObject { ["with"] = "clouds" });
            document["files"]!["training_state.json"]!["mood"] = 7;
        }));
        await using var manager = await two.OpenAsync();
        Assert.True((await manager.VerifyAsync(two.Newer)).IsWhole);
        Assert.Equal(2, (await manager.RestoreLatestAsync(TwoCheckpoints.Unknown()))!.Step);
    }

    /// <summary>Asserts that reading it costs no more memory than it is long, times a few.</summary>
    private static void AssertCheap(string id, byte[] lying)
    {
        Record.Exception(() => CheckpointRecord.Parse(id, lying)); // The first time, types are made.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Record.Exception(() => CheckpointRecord.Parse(id, lying));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(error is null or DamagedCheckpointException, $"{error}");
        Assert.True(allocated <= Allowance + (PerByte * (long)lying.Length), $"{allocated} bytes were allocated for {lying.Length}");
    }

    private static string BaseOf(TwoCheckpoints two) =>
        System.IO.Path.GetFileNameWithoutExtension(two.NewerFiles.Keys.Single(file => file.StartsWith("base_weights/", StringComparison.Ordinal)));

    private static HashSet<string> AllKeys(TwoCheckpoints two) =>
        [.. Directory.EnumerateFiles(two.Path, "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetRelativePath(two.Path, file).Replace('\\', '/'))];

    private static (string, Func<byte[], byte[]>) Of(string file, Action<JsonObject> lie) => (file, whole => SealedText.Edit(whole, lie));

    private static (string, Func<byte[], byte[]>) Text(string file, string what, string with) => (file, whole => SealedText.Replace(whole, what, with));

    private static Action<JsonObject> Size(string file, JsonNode size) => document => document["files"]![file]!["size"] = size.DeepClone();

    private static Action<JsonObject> Digest(string file, string? digest) => document => document["files"]![file]!["xxh128"] = digest;

    private static Action<JsonObject> Path(string path) => document => document["files"]![path] = new JsonObject { ["size"] = 1, ["xxh128"] = new string('0', 32) };
}

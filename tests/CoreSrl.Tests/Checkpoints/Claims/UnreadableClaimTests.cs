using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Whatever stands in <c>claim.json</c>: it is refused with what to do, and harms nothing.</summary>
public sealed class UnreadableClaimTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Damages => [.. Files.Keys];

    private static Dictionary<string, string> Files { get; } = new()
    {
        ["empty"] = "",
        ["truncated"] = Whole()[..^20],
        ["zeros"] = new('\0', 4096),
        ["no JSON"] = "garbage",
        ["null"] = "null",
        ["a list"] = "[]",
        ["an empty object"] = "{}",
        ["deep"] = new string('[', 100_000),
        ["half a surrogate pair"] = Whole().Replace("\"run\"", "\"\\ud800\"", StringComparison.Ordinal),
        ["no id"] = Whole("id", null),
        ["no run"] = Whole("run_name", null),
        ["no holder"] = Whole("holder", null),
        ["no host"] = Whole().Replace("\"old\"", "null", StringComparison.Ordinal),
        ["no machine"] = Whole().Replace("\"the only boot of old\"", "null", StringComparison.Ordinal),
        ["a huge process id"] = Whole().Replace("4711", "99999999999999999999", StringComparison.Ordinal),
        ["no time"] = Whole("claimed", "yesterday"),
        ["a line break in the host"] = Whole().Replace("\"old\"", "\"old\\nsrl: all is well\"", StringComparison.Ordinal),
        ["an escape sequence in the run"] = Whole("run_name", "\u001b[2J"),
        ["no list"] = Whole("pending", null),
        ["a null in the list"] = Whole("pending", new JsonArray((JsonNode?)null)),
        ["an empty name"] = Pending(""),
        ["the parent"] = Pending(".."),
        ["outside"] = Pending("../outside"),
        ["far outside"] = Pending("a/../../outside"),
        ["outside, absolute"] = Pending("/outside"),
        ["outside, backwards"] = Pending("..\\outside"),
        ["outside as base weights"] = Pending("base_weights/../../outside/secret.safetensors"),
        ["base weights without a digest"] = Pending("base_weights/secret.safetensors"),
        ["the storage's own files"] = Pending(".srl-lock"),
        ["the claim itself"] = Pending("claim.json"),
        ["a long name"] = Pending(new string('x', 300)),
        ["removing what is not pending"] = Whole("removing", new JsonArray("checkpoint")),
        ["doubt about the outside"] = Whole("doubtful", new JsonArray("../outside")),
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task It_is_refused_until_nobody_has_written_it_for_a_minute_and_replaced_then(string damage)
    {
        var claim = Prepare(Encoding.UTF8.GetBytes(Files[damage]));
        var before = Everything();
        var error = await Assert.ThrowsAsync<DirectoryInUseException>(OpenAsync);
        Assert.Matches(
            $@"^{_folder["root", "claim.json"]} is no claim that this program can read, so somebody may be writing there\. If nobody is, try again in (59|60) s\.$",
            error.Message);
        Assert.Equal(before, Everything());

        File.SetLastWriteTimeUtc(claim, DateTime.UtcNow.AddSeconds(-61));
        await using var manager = await OpenAsync();
        await await manager.SaveAsync(2, null, new TestModel(1, new()));
        Assert.Equal(before.Keys, Everything().Keys.Where(before.ContainsKey));
    }

    [Fact]
    public async Task A_huge_one_is_not_even_read()
    {
        var claim = Prepare([]);
        await using (var file = File.OpenWrite(claim))
            file.SetLength(20L << 30);
        await Assert.ThrowsAsync<DirectoryInUseException>(OpenAsync);
        File.SetLastWriteTimeUtc(claim, DateTime.UtcNow.AddSeconds(-61));
        await using var manager = await OpenAsync();
        Assert.True(new FileInfo(claim).Length < 4096);
    }

    [Fact]
    public async Task One_that_replaces_a_live_claim_ends_its_holders_saves()
    {
        await using var manager = await OpenAsync();
        await File.WriteAllTextAsync(_folder["root", "claim.json"], "garbage");
        var error = await Assert.ThrowsAsync<ClaimLostException>(async () => await await manager.SaveAsync(1, null, new TestModel(1, new())));
        Assert.StartsWith($"{_folder["root"]} may be another's by now: its claim.json was replaced by something that is no claim.", error.Message, StringComparison.Ordinal);
        Assert.Equal("garbage", await File.ReadAllTextAsync(_folder["root", "claim.json"]));
    }

    [Fact]
    public async Task One_that_names_whole_checkpoints_and_strange_folders_takes_none_of_them()
    {
        string id;
        await using (var manager = await OpenAsync())
            id = (await await manager.SaveAsync(1, null, new TestModel(1, new()))).Id;
        Directory.CreateDirectory(_folder["root", "pictures"]);
        await File.WriteAllTextAsync(_folder["root", "pictures", "cat.png"], "meow");
        await File.WriteAllTextAsync(_folder["root", "notes.txt"], "");
        var record = new ClaimRecord { Id = "x", RunName = "x", Holder = AnothersStorage.Dead, Claimed = default, Pending = [id, "pictures", "notes.txt", "base_weights", "nothing"] };
        await File.WriteAllBytesAsync(_folder["root", "claim.json"], record.ToFile());
        var before = Everything();

        await using var next = await OpenAsync();
        Assert.Equal([id], next.Checkpoints.Select(saved => saved.Id));
        Assert.True((await next.VerifyAsync(id)).IsWhole);
        Assert.Equal(before.Keys, Everything().Keys);
        await next.FlushAsync();
    }

    private Task<CheckpointManager> OpenAsync() => CheckpointManager.OpenAsync(StorageCalls.Open(_folder["root"]));

    /// <summary>A directory with such a claim, and something outside that must stay.</summary>
    private string Prepare(byte[] claim)
    {
        Directory.CreateDirectory(_folder["root"]);
        Directory.CreateDirectory(_folder["outside", "model_weights"]);
        foreach (var name in new[] { "secret.safetensors", "training_state.json", "model_weights/secret" })
            File.WriteAllText(_folder["outside", name], "secret");
        File.WriteAllText(_folder["root", ".srl-lock"], "");
        File.WriteAllBytes(_folder["root", "claim.json"], claim);
        return _folder["root", "claim.json"];
    }

    private SortedDictionary<string, DateTime> Everything() => new(
        Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc), StringComparer.Ordinal);

    private static string Pending(string name) => Whole("pending", new JsonArray(name));

    /// <summary>The claim of another machine, but for one value.</summary>
    private static string Whole(string? key = null, JsonNode? value = null)
    {
        var claim = JsonNode.Parse(new ClaimRecord { Id = "1", RunName = "run", Holder = AnothersStorage.Elsewhere("old"), Claimed = default }.ToFile())!;
        if (key is not null)
            claim[key] = value;
        return claim.ToJsonString();
    }
}

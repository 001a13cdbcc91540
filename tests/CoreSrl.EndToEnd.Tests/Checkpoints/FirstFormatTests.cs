using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>A checkpoint that a program of format version 1 wrote is listed, shown, verified, exported and gone on from.</summary>
public sealed class FirstFormatTests : IDisposable
{
    private const string Id = "first_ep_2_1795557515";
    private readonly TemporaryFolder _folder = new();

    public FirstFormatTests() => FolderCopy.Make(Path.Combine(Srl.Metadata("RepositoryPath"), "tests/CoreSrl.EndToEnd.Tests/Checkpoints/FirstFormat"), _folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_listed_shown_and_verified()
    {
        var list = JsonNode.Parse((await Srl.RunAsync(_folder.Path, "list", "run.json", "--json")).Succeeded().Output)!.AsArray();
        var listed = Assert.Single(list)!;
        Assert.Equal((Id, 2, 37423), ((string?)listed["id"], (int)listed["episode"]!, (int)listed["size_bytes"]!));
        Assert.Contains(Id, (await Srl.RunAsync(_folder.Path, "list", "run.json")).Succeeded().Output, StringComparison.Ordinal);
        var shown = (await Srl.RunAsync(_folder.Path, "show", Id, "--config", "run.json")).Succeeded().Output;
        Assert.Contains("7, 36.5 KiB, and 1 shared base weights", shown, StringComparison.Ordinal);
        Assert.Matches("model_1_qwen3 +1.688 +2 +2 +1 +0.625", shown);
        var document = JsonNode.Parse((await Srl.RunAsync(_folder.Path, "show", Id, "--config", "run.json", "--json")).Succeeded().Output);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await File.ReadAllTextAsync(At($"{Id}/metadata.json"))), document));
        Assert.Equal($"ok       {Id}  36.5 KiB\n1 verified, whole.\n", (await Srl.RunAsync(_folder.Path, "verify", "--config", "run.json")).Succeeded().Output);
    }

    [Fact]
    public async Task Damage_to_it_is_found()
    {
        var baseWeights = $"base_weights/{Path.GetFileName(Assert.Single(Directory.GetFiles(At("base_weights"))))}";
        foreach (var file in Directory.GetFiles(At(Id), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(At("."), file)).Append(baseWeights))
        {
            var whole = await File.ReadAllBytesAsync(At(file));
            await File.WriteAllBytesAsync(At(file), whole[..^1]);
            await using var manager = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In(At(".")));
            var problem = Assert.Single((await manager.VerifyAsync(Id)).Problems);
            Assert.Equal(file == baseWeights ? file : file[(Id.Length + 1)..], problem.File);
            await File.WriteAllBytesAsync(At(file), whole);
        }
    }

    [Fact]
    public async Task A_run_goes_on_from_it_with_the_bits_that_it_holds()
    {
        // At its own episode, nothing is trained: what was loaded is saved again, in the layout of today.
        (await Srl.RunAsync(_folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=2")).Succeeded();
        var directory = new RunDirectory(At("."));
        var again = Assert.Single(directory.Checkpoints, RunDirectory.IsFinal);
        Assert.Equal(2, (int)RunDirectory.Metadata(again)["format_version"]!);
        foreach (var file in Directory.GetFiles(At(Id), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(At(Id), file)).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)))
            TensorBits.AssertSame(await TensorBits.ReadAsync(At($"{Id}/{file}")), await TensorBits.ReadAsync(Path.Combine(again, file)));
        Assert.Single(Directory.GetFiles(At("base_weights")));

        var result = (await Srl.RunAsync(_folder.Path, "train", "run.json")).Succeeded();
        Assert.Contains("Finished 4 episodes; the 2 played here", result.Output, StringComparison.Ordinal);
        Assert.Contains("3 verified, all whole.", (await Srl.RunAsync(_folder.Path, "verify", "--config", "run.json")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_it_can_be_exported()
    {
        (await Srl.RunAsync(_folder.Path, "export", Id, "--model", "model_0_qwen3", "--format", "safetensors", "--out", "out", "--config", "run.json")).Succeeded();
        TensorBits.AssertSame(
            [.. await TensorBits.ReadAsync(At($"{Id}/lora_weights/lora_0.pt")), .. await TensorBits.ReadAsync(Assert.Single(Directory.GetFiles(At("base_weights"))))],
            await TensorBits.ReadAsync(_folder.File("out/model_0_qwen3.safetensors")));
    }

    private string At(string key) => Path.Combine(_folder.File("directory"), key);
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.EndToEnd.Tests.BadInput;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Formats;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary><c>srl export</c>: what other programs read is what was stored, to the last bit; what cannot be exported leaves nothing.</summary>
public sealed class ExportTests(TrainedDirectory trained) : IClassFixture<TrainedDirectory>
{
    private const string Model = "model_1_qwen3";

    [Theory]
    [InlineData("safetensors", "out/new/model_1_qwen3.safetensors")]
    [InlineData("pt", "out/new/model_1_qwen3.pt")]
    [InlineData("peft", "out/new")]
    public async Task A_model_is_read_back_with_the_bits_that_were_stored(string format, string path)
    {
        using var run = trained.Copy();
        var id = run.Ids[1];
        var result = (await Srl.RunAsync(run.Path, "export", id, "--model", Model, "--format", format, "--out", "out/new", "--config", "run.json")).Succeeded();
        Assert.Equal($"Wrote {path}\n", result.Output);
        Assert.Empty(result.Error);

        var expected = await TensorBits.ReadAsync(run.At($"{id}/lora_weights/lora_1.pt"));
        if (format != "peft")
            expected = [.. expected, .. await TensorBits.ReadAsync(run.At(run.BaseWeights))];
        var written = Path.Combine(run.Path, format == "peft" ? "out/new/adapter_model.safetensors" : path);
        TensorBits.AssertSame(expected, await TensorBits.ReadAsync(written));
        if (format == "peft")
            await AssertPeftAsync(Path.Combine(run.Path, path), expected);

        var again = await Srl.RunAsync(run.Path, "export", id, "--model", Model, "--format", format, "--out", "out/again", "--config", "run.json", "--json");
        var twin = format == "peft" ? "out/again" : path.Replace("new", "again", StringComparison.Ordinal);
        Assert.Equal(new JsonObject { ["id"] = id, ["model"] = Model, ["format"] = format, ["path"] = twin }.ToJsonString(), JsonNode.Parse(again.Succeeded().Output)!.ToJsonString());
        Assert.Equal(await File.ReadAllBytesAsync(written), await File.ReadAllBytesAsync(written.Replace("new", "again", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFileSystemEntries(run.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_empty_folder_is_used_and_others_files_stay_beside_a_new_one()
    {
        using var run = trained.Copy();
        Directory.CreateDirectory(Path.Combine(run.Path, "empty"));
        Directory.CreateDirectory(Path.Combine(run.Path, "full"));
        await File.WriteAllTextAsync(Path.Combine(run.Path, "full/mine.txt"), "mine");
        (await Srl.RunAsync(run.Path, "export", run.Ids[0], "--model", Model, "--format", "PEFT", "--out", "empty", "--config", "run.json")).Succeeded();
        (await Srl.RunAsync(run.Path, "export", run.Ids[0], "--model", Model, "--format", "pt", "--out", "full", "--config", "run.json")).Succeeded();
        Assert.Equal(["mine.txt", $"{Model}.pt"], Directory.GetFiles(Path.Combine(run.Path, "full")).Select(file => Path.GetFileName(file)).Order());
    }

    [Theory]
    [InlineData("metadata.json", "pt")]
    [InlineData("model_weights/model_1_qwen3.json", "peft")]
    [InlineData("lora_weights/lora_1.pt", "peft")]
    [InlineData("lora_weights/lora_1.pt", "safetensors")]
    [InlineData("base_weights", "pt")]
    [InlineData("base_weights", "safetensors")]
    public async Task A_damaged_checkpoint_is_refused_and_nothing_is_left(string file, string format)
    {
        using var run = trained.Copy();
        var id = run.Ids[0];
        file = file == "base_weights" ? run.BaseWeights : file;
        run.Flip(file == run.BaseWeights ? file : $"{id}/{file}");
        var result = await Srl.RunAsync(run.Path, "export", id, "--model", Model, "--format", format, "--out", "out/new", "--config", "run.json", "--json");
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"srl: Checkpoint '{id}': {file} ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(run.Path, "out")));
    }

    [Fact]
    public async Task What_the_model_does_not_need_may_be_damaged()
    {
        using var run = trained.Copy();
        run.Flip($"{run.Ids[0]}/lora_weights/lora_0.pt");
        run.Flip($"{run.Ids[0]}/training_state.json");
        (await Srl.RunAsync(run.Path, "export", run.Ids[0], "--model", Model, "--format", "pt", "--out", "out", "--config", "run.json")).Succeeded();
    }

    [Fact]
    public Task An_unknown_checkpoint_suggests_the_nearest() => RefuseAsync("export fnial{id} --model model_1_qwen3 --format pt --out out --config run.json");

    [Fact]
    public Task An_unknown_model_suggests_the_nearest() => RefuseAsync("export {id} --model model_1_quen --format pt --out out --config run.json");

    [Fact]
    public Task An_unknown_format_suggests_the_nearest() => RefuseAsync("export {id} --model model_1_qwen3 --format safetensor --out out --config run.json");

    [Fact]
    public Task A_number_is_no_format() => RefuseAsync("export {id} --model model_1_qwen3 --format 2 --out out --config run.json");

    [Fact]
    public Task What_is_missing_is_asked_for() => RefuseAsync("export {id} --config run.json");

    [Fact]
    public async Task Nothing_is_no_name()
    {
        using var run = trained.Copy();
        var result = await Srl.RunAsync(run.Path, "export", run.Ids[0], "--model", "", "--format", "pt", "--out", "", "--config", "run.json");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal("srl: --model is empty.\nsrl: --out is empty.\nType 'srl export --help' to see what is possible.\n", result.Error);
    }

    [Fact]
    public Task A_place_that_is_taken_is_named() => RefuseAsync("export {id} --model model_1_qwen3 --format peft --out checkpoints --config run.json");

    [Fact]
    public Task A_file_that_is_there_already_is_named() => RefuseAsync("export {id} --model model_1_qwen3 --format pt --out {id} --config run.json", run =>
    {
        Directory.CreateDirectory(Path.Combine(run.Path, run.Ids[0]));
        File.WriteAllText(Path.Combine(run.Path, run.Ids[0], "model_1_qwen3.pt"), "mine");
    });

    [Fact]
    public Task A_folder_below_a_file_cannot_be_written() => RefuseAsync("export {id} --model model_1_qwen3 --format pt --out run.json/out --config run.json");

    [Fact]
    public Task A_folder_in_which_nobody_can_create_anything_cannot_be_written() =>
        OperatingSystem.IsLinux() ? RefuseAsync("export {id} --model model_1_qwen3 --format peft --out /proc/out --config run.json") : Task.CompletedTask;

    /// <summary>Needs a <c>python3</c> that has torch, and is skipped, visibly, where there is none.</summary>
    [FactWithPyTorch]
    public async Task PyTorch_loads_what_was_exported_to_the_same_bits()
    {
        using var run = trained.Copy();
        (await Srl.RunAsync(run.Path, "export", run.Ids[0], "--model", Model, "--format", "pt", "--out", "out", "--config", "run.json")).Succeeded();
        var written = Path.Combine(run.Path, $"out/{Model}.pt");
        var script = """
            import sys, torch
            for name, tensor in torch.load(sys.argv[1], weights_only=True).items():
                print(name, str(tensor.dtype).removeprefix("torch."), *tensor.shape, bytes(tensor.contiguous().view(torch.uint8).flatten().tolist()).hex())
            """;
        var expected = (await TensorBits.ReadAsync(written)).Select(tensor =>
            $"{tensor.Info.Name} {tensor.Info.Type.ToString().ToLowerInvariant()} {string.Join(' ', tensor.Info.Shape)} {Convert.ToHexStringLower(tensor.Bytes)}");
        Assert.Equal(expected, (await FactWithPyTorchAttribute.RunAsync(script, written)).TrimEnd().Split('\n'));
    }

    private static async Task AssertPeftAsync(string folder, IReadOnlyList<(TensorInfo Info, byte[] Bytes)> expected)
    {
        using var files = new LocalFolder(folder);
        var adapter = await CoreSrl.Formats.Peft.PeftAdapterReader.OpenAsync(files);
        Assert.Equal(8, adapter.Config.Rank);
        Assert.Equal(expected.Count, 2 * adapter.Pairs.Length);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order());
    }

    private async Task RefuseAsync(string commandLine, Action<TrainedCopy>? prepare = null, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        using var run = trained.Copy();
        prepare?.Invoke(run);
        await Refusal.CheckInAsync(run.Path, commandLine.Replace("fnial{id}", run.Ids[0].Replace("final", "fnial", StringComparison.Ordinal), StringComparison.Ordinal).Replace("{id}", run.Ids[0], StringComparison.Ordinal), test: test, sourceFile: Path.Combine(Srl.Metadata("RepositoryPath"), "tests/CoreSrl.EndToEnd.Tests/Checkpoints/ExportTests.cs"));
    }
}

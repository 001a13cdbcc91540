using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Formats;
using CoreSrl.Torch.HuggingFace;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>Weights are the files' own bytes; files that are not the model's are refused, and say why.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class WeightsOnDiskTests : IDisposable
{
    private const string One = "model.safetensors";
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";
    private const string Index = "model.safetensors.index.json";

    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task They_are_mapped_and_not_copied_and_what_is_done_to_them_stays_in_this_process()
    {
        Copy("qwen3-tied-tiny");
        var before = await File.ReadAllBytesAsync(PathOf(First));
        using (var weights = await LoadAsync())
        {
            var path = Path.GetFullPath(PathOf(First));
            Assert.Contains(await File.ReadAllLinesAsync("/proc/self/maps"), line => line.EndsWith(path, StringComparison.Ordinal));
            using var scope = NewDisposeScope();
            weights["model.layers.0.input_layernorm.weight"].zero_();
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(PathOf(First)));
        Assert.DoesNotContain(await File.ReadAllLinesAsync("/proc/self/maps"), line => line.Contains(_folder, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_is_not_padded_is_read_all_the_same()
    {
        Copy("qwen3-tiny");
        using var expected = await LoadAsync();
        var file = await File.ReadAllBytesAsync(PathOf(One));
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        byte[] moved = [.. BitConverter.GetBytes((long)length + 1), .. file.AsSpan(8, length), (byte)' ', .. file.AsSpan(8 + length)];
        File.Delete(PathOf(One)); // The mapping holds on to the old one.
        await File.WriteAllBytesAsync(PathOf(One), moved);
        using var actual = await LoadAsync();
        Assert.All(expected.Names, name => Assert.Equal(expected[name].bytes.ToArray(), actual[name].bytes.ToArray()));
    }

    [Fact]
    public async Task A_folder_without_weights_is_told()
    {
        Copy("qwen3-tiny");
        File.Delete(PathOf(One));
        await AssertRefusedAsync($"{_folder}: it holds no {One} and no {Index}. Fetch the model anew, or save it with safe_serialization=True.");
    }

    [Fact]
    public async Task A_missing_shard_is_told()
    {
        Copy("qwen3-tied-tiny");
        File.Delete(PathOf(Second));
        await AssertRefusedAsync($"{PathOf(Index)}: it names {Second}, which is not there. Fetch the model anew, or save it with safe_serialization=True.");
    }

    [Theory]
    [InlineData("../secret.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    public async Task An_index_that_leads_outside_is_refused(string name)
    {
        Copy("qwen3-tied-tiny");
        await File.WriteAllTextAsync(PathOf(Index), new JsonObject { ["weight_map"] = new JsonObject { ["x"] = name } }.ToJsonString());
        await AssertRefusedAsync($"{PathOf(Index)}: it names the file '{name}', which is not one of the folder's own. Fetch the model anew, or save it with safe_serialization=True.");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("{\"weight_map\":{\"x\":null}}")]
    public async Task An_index_that_is_none_is_refused(string content)
    {
        Copy("qwen3-tied-tiny");
        await File.WriteAllTextAsync(PathOf(Index), content);
        await AssertRefusedAsync($"{PathOf(Index)}: it holds no 'weight_map' that names a file for each tensor. Fetch the model anew, or save it with safe_serialization=True.");
    }

    [Fact]
    public async Task Tensors_that_the_config_does_not_describe_are_named()
    {
        Copy("qwen3-tiny");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("config.json")))!;
        config["num_hidden_layers"] = 2;
        config["vocab_size"] = 416;
        await File.WriteAllTextAsync(PathOf("config.json"), config.ToJsonString());
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(LoadAsync);
        Assert.StartsWith(
            $"{_folder}: its weights are not those that its config.json describes: model.embed_tokens.weight is [417, 64], not [416, 64]; lm_head.weight is [417, 64], not [416, 64]; model.layers.2.",
            error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; and 3 more. Fetch the model anew.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_layers_than_there_are_tensors_are_refused_before_room_is_made_for_them()
    {
        Copy("qwen3-tiny");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("config.json")))!;
        config["num_hidden_layers"] = 30_000;
        await File.WriteAllTextAsync(PathOf("config.json"), config.ToJsonString());
        var before = GC.GetTotalAllocatedBytes();
        await AssertRefusedAsync($"{_folder}: its config.json describes 30000 layers, and its weights are 36 tensors in all. Fetch the model anew.");
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 << 20);
    }

    [Fact]
    public async Task One_tensor_in_two_shards_is_refused()
    {
        Copy("qwen3-tied-tiny");
        File.Copy(PathOf(First), PathOf(Second), overwrite: true);
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(LoadAsync);
        Assert.Matches($@"^{PathOf(Second)}: tensor '\S+' is in {PathOf(First)}, too\. Remove the file that does not belong to the model\.$", error.Message);
    }

    [Fact]
    public async Task A_truncated_file_is_refused()
    {
        Copy("qwen3-tiny");
        var file = await File.ReadAllBytesAsync(PathOf(One));
        await File.WriteAllBytesAsync(PathOf(One), file[..^1]);
        await Assert.ThrowsAsync<CheckpointFormatException>(LoadAsync);
        await File.WriteAllBytesAsync(PathOf(One), Encoding.UTF8.GetBytes("<html>404</html>"));
        await Assert.ThrowsAsync<CheckpointFormatException>(LoadAsync);
    }

    [Theory]
    [InlineData("qwen3-tiny", One)]
    [InlineData("qwen3-tied-tiny", Second)]
    [InlineData("qwen3-tied-tiny", Index)]
    [InlineData("qwen3-tiny", "config.json")]
    public async Task A_pointer_of_Git_LFS_is_told_as_such(string model, string file)
    {
        Copy(model);
        await File.WriteAllTextAsync(PathOf(file), "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n");
        await AssertRefusedAsync($"{PathOf(file)}: it is a pointer of Git LFS and not the file itself. Run 'git lfs pull' in the model's folder.");
    }

    private async Task<DecoderWeights> LoadAsync() => await (await HuggingFaceFolder.OpenAsync(_folder)).LoadAsync(ScalarType.Float32, CPU);

    private async Task AssertRefusedAsync(string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<CheckpointFormatException>(LoadAsync)).Message);

    private string PathOf(string file) => Path.Combine(_folder, file);

    private void Copy(string model)
    {
        foreach (var file in Directory.GetFiles(TinyModel.Folder(model)))
            File.Copy(file, PathOf(Path.GetFileName(file)));
    }
}

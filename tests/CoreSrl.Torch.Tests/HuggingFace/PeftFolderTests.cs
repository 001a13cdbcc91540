using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Plugins.TorchLora;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>Adapters of PEFT are read, learned from and written as PEFT means them.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class PeftFolderTests : IDisposable
{
    private static readonly Observation Choice = new("What is 12 + 30? The answer is", " 42", " 41");

    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The reference has rank 4 and alpha 8, which is a scale of 2: other ways to say the same.
    [Theory]
    [InlineData("""{ "lora_alpha": 4, "use_rslora": true }""")]
    [InlineData("""{ "lora_alpha": 1, "alpha_pattern": { "q_proj": 8, "v_proj": 8, "layers.0.mlp.gate_proj": 8, "mlp.gate_proj": 8 } }""")]
    [InlineData("""{ "r": 99, "rank_pattern": { ".*_proj": 4 } }""")]
    [InlineData("""{ "r": 99, "lora_alpha": 3, "rank_pattern": { "self_attn\\.(q|v)_proj": 4, "gate_proj": 4, "q_proj": 7 }, "alpha_pattern": { "layers.*": 4 }, "use_rslora": true }""")]
    [InlineData("""{ "target_modules": "model\\.layers\\.\\d+\\.(self_attn|mlp)\\.(q_proj|v_proj|gate_proj)" }""")]
    public async Task Patterns_and_rank_stabilized_scales_mean_what_they_mean_to_PEFT(string changes)
    {
        Change("qwen3-tiny", changes);
        await AssertReferenceAsync("qwen3-tiny");
    }

    [Theory]
    [InlineData("""{ "lora_alpha": 8, "use_rslora": true }""")]
    [InlineData("""{ "alpha_pattern": { "layers.1.self_attn.q_proj": 9 } }""")]
    public async Task Another_scale_has_other_logits(string changes)
    {
        Change("qwen3-tiny", changes);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => AssertReferenceAsync("qwen3-tiny"));
    }

    [Theory]
    [InlineData("""{ "use_dora": true }""", "its option 'use_dora' is true, which Core SRL does not do")]
    [InlineData("""{ "bias": "all" }""", "'bias'")]
    [InlineData("""{ "peft_type": "IA3" }""", "'peft_type'")]
    [InlineData("""{ "r": 5 }""", "for the config says rank 5")]
    [InlineData("""{ "target_modules": ["q_proj", "v_proj"] }""", "unexpected keys: base_model.model.model.layers.0.mlp.gate_proj.lora_A.weight")]
    [InlineData("""{ "target_modules": ["q_proj", "v_proj", "gate_proj", "up_proj"] }""", "the adapter does not fit the model: missing keys: base_model.model.model.layers.0.mlp.up_proj.lora_A.weight")]
    public async Task What_is_not_supported_or_does_not_fit_is_refused_by_name(string changes, string problem)
    {
        Change("qwen3-tiny", changes);
        var before = Tensor.TotalCount;
        var refused = await Assert.ThrowsAsync<CheckpointFormatException>(() => CreateAsync("qwen3-tiny", _folder));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.InRange(Tensor.TotalCount - before, long.MinValue, 0);
    }

    [Fact]
    public async Task The_adapter_of_another_model_and_a_folder_without_one_are_refused()
    {
        var other = await Assert.ThrowsAsync<CheckpointFormatException>(() => CreateAsync("qwen2-tiny", Path.Combine(TinyModel.Folder("qwen3-tiny"), "adapter")));
        Assert.Contains("the adapter does not fit the model: ", other.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<CheckpointFormatException>(() => CreateAsync("qwen3-tiny", _folder));
        Assert.StartsWith($"{_folder}: it holds no adapter_config.json", none.Message, StringComparison.Ordinal);
        Change("qwen3-tiny", "{}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "adapter_model.safetensors"), "version https://git-lfs.github.com/spec/v1\n");
        var pointer = await Assert.ThrowsAsync<CheckpointFormatException>(() => CreateAsync("qwen3-tiny", _folder));
        Assert.Contains("it is a pointer of Git LFS", pointer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qwen3-tiny", TensorType.Float16)]
    [InlineData("llama-tiny", TensorType.BFloat16)]
    [InlineData("qwen2-tiny", TensorType.Float64)]
    public async Task A_matrix_of_another_type_becomes_float32(string name, TensorType type)
    {
        Change(name, "{}");
        File.Delete(Path.Combine(_folder, "adapter_model.safetensors"));
        await using var source = await CreateAsync(name, Path.Combine(TinyModel.Folder(name), "adapter"));
        var converted = source.Parameters.Cast<TorchTensor>().ToDictionary(parameter => parameter.Info.Name, parameter => parameter.Tensor.detach().to(type.ToScalarType()));
        await TensorExport.ToSafetensorsAsync(
            Path.Combine(_folder, "adapter_model.safetensors"), converted.Select(tensor => TensorSource.Of(new TorchTensor(TensorPart.Adapter, tensor.Key, tensor.Value))));

        await using var model = await CreateAsync(name, _folder);

        Assert.All(model.Parameters, parameter => Assert.Equal(converted[parameter.Info.Name].to(ScalarType.Float32).data<float>().ToArray(), parameter.Floats()));
        foreach (var tensor in converted.Values)
            tensor.Dispose();
    }

    [Theory]
    [InlineData("qwen3-tiny", "{}")]
    [InlineData("llama-tiny", """{ "lora_alpha": 4, "use_rslora": true, "lora_dropout": 0.1 }""")]
    [InlineData("qwen3-tied-tiny", """{ "r": 99, "rank_pattern": { "self_attn\\.(q|v)_proj": 4, "gate_proj": 4 }, "alpha_pattern": { "layers.0.self_attn.q_proj": 12 } }""")]
    public async Task An_adapter_learns_on_and_comes_back_from_PEFTs_format_with_the_same_bits(string name, string changes)
    {
        Change(name, changes);
        await using var model = await CreateAsync(name, _folder);
        var start = model.Digest(TensorPart.Adapter);
        for (var update = 1; update <= 3; update++)
            await model.TrainOnceAsync(update, 0.002, Choice);
        Assert.NotEqual(start, model.Digest(TensorPart.Adapter));

        var exported = Path.Combine(_folder, "exported");
        await TensorExport.ToPeftAsync(exported, PeftConfig.Parse("model", model.Description.Adapter!), model.Parameters.Select(TensorSource.Of));
        await using var back = await CreateAsync(name, exported);

        Assert.Equal(model.Digest(TensorPart.Adapter), back.Digest(TensorPart.Adapter));
        Assert.Equal(model.Description.Adapter!.ToJsonString(), back.Description.Adapter!.ToJsonString());
        Assert.Equal(model.Description.Architecture.ToJsonString(), back.Description.Architecture.ToJsonString());
        ModelRequest[] requests = [new(new("The models play a game."), 1), new(Choice, 2)];
        var (one, other) = (await model.ActAsync(requests, default), await back.ActAsync(requests, default));
        Assert.Equal(one.Select(answer => string.Join(' ', answer.LogProbabilities)), other.Select(answer => string.Join(' ', answer.LogProbabilities)));
        foreach (var key in JsonNode.Parse(changes)!.AsObject())
            Assert.Equal(key.Value!.ToJsonString(), JsonNode.Parse(File.ReadAllText(Path.Combine(exported, "adapter_config.json")))![key.Key]!.ToJsonString());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0.5, false)]
    public async Task The_adapters_own_dropout_counts(double dropout, bool isSame)
    {
        Change("qwen3-tiny", $$"""{ "lora_dropout": {{dropout}} }""");
        await using var model = await CreateAsync("qwen3-tiny", _folder);
        var answer = (await model.ActAsync([new(Choice, 1)], default))[0];
        var batch = new LearningBatch([new(Choice, answer, 1, 1)], new LearningSettings(), 5);
        async Task<string> GradientsAsync(int pass)
        {
            await model.ComputeGradientsAsync(batch, pass, default);
            return string.Join(' ', model.Gradients.SelectMany(gradient => gradient.Floats()).Where(value => value != 0).Take(50));
        }

        Assert.Equal(isSame, await GradientsAsync(0) == await GradientsAsync(1));
    }

    [Fact]
    public async Task Options_of_a_new_adapter_give_each_module_its_rank_and_are_written_for_PEFT()
    {
        var options = new TorchLoraOptions { LoraRank = 2, LoraAlpha = 3, LoraRankPattern = ["layers.0.self_attn.q_proj=4", "q_proj=1"], LoraAlphaPattern = ["up_proj=6.5"], LoraRankStabilized = true };
        await using var model = await Models.CreateAsync(options: options);
        long RankOf(string module) => model.Parameters.Single(parameter => parameter.Info.Name.Contains($"{module}.lora_A", StringComparison.Ordinal)).Info.Shape[0];
        Assert.Equal((4L, 1L, 2L, 2L), (RankOf("0.self_attn.q_proj"), RankOf("1.self_attn.q_proj"), RankOf("0.self_attn.k_proj"), RankOf("1.mlp.up_proj")));

        await TensorExport.ToPeftAsync(Path.Combine(_folder, "exported"), PeftConfig.Parse("model", model.Description.Adapter!), model.Parameters.Select(TensorSource.Of));
        using var folder = new LocalFolder(Path.Combine(_folder, "exported"));
        var scales = (await PeftAdapterReader.OpenAsync(folder)).Pairs.ToDictionary(pair => pair.Module, pair => pair.Scale);

        Assert.Equal(3 / 2.0, scales["model.layers.0.self_attn.q_proj"], 12); // √4
        Assert.Equal(3.0, scales["model.layers.1.self_attn.q_proj"], 12);
        Assert.Equal(6.5 / Math.Sqrt(2), scales["model.layers.0.mlp.up_proj"], 12);
        Assert.Equal("up_proj=6.5", (string?)model.Description.Architecture["LoraAlphaPattern"]);
        Assert.Equal("layers.0.self_attn.q_proj=4,q_proj=1", (string?)model.Description.Architecture["LoraRankPattern"]);
        Assert.True((bool)model.Description.Architecture["LoraRankStabilized"]!);
    }

    private async Task AssertReferenceAsync(string name)
    {
        using var weights = await (await CoreSrl.Torch.HuggingFace.HuggingFaceFolder.OpenAsync(TinyModel.Folder(name))).LoadAsync(ScalarType.Float32, CPU);
        using var adapter = await PeftFolder.LoadAsync(_folder, weights);
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(weights, adapter);
        foreach (var expected in TinyModel.Cases(name))
            TinyModel.AssertLogits(expected!["adapter_last_logits"]!, TinyModel.LastLogits(decoder, TinyModel.Tokens(expected["ids"]!)));
    }

    // The model's adapter, with other words in its config.
    private void Change(string name, string changes)
    {
        var from = Path.Combine(TinyModel.Folder(name), "adapter");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(from, "adapter_config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            config[key] = value?.DeepClone();
        File.WriteAllText(Path.Combine(_folder, "adapter_config.json"), config.ToJsonString());
        File.Copy(Path.Combine(from, "adapter_model.safetensors"), Path.Combine(_folder, "adapter_model.safetensors"), overwrite: true);
    }

    private static Task<TorchLoraModel> CreateAsync(string name, string adapter) =>
        Models.CreateAsync(options: new() { Path = TinyModel.Folder(name), Adapter = adapter, MaxTokens = 4 });
}

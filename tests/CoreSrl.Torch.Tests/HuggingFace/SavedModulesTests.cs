using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Plugins.TorchLora;
using CoreSrl.Torch.HuggingFace;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>Modules that learn as a whole beside an adapter: PEFT's <c>modules_to_save</c>.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class SavedModulesTests : IDisposable
{
    private static readonly Observation Choice = new("What is 12 + 30? The answer is", " 42", " 41");

    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("qwen3-tiny", null, "embed_tokens", "lm_head")]
    [InlineData("qwen3-tiny", null, "lm_head")]
    [InlineData("llama-tiny", "bfloat16", "embed_tokens")]
    public async Task They_begin_as_the_bases_learn_and_come_back_from_PEFTs_format_with_the_same_bits(string name, string? type, params string[] modules)
    {
        var options = new TorchLoraOptions { Path = TinyModel.Folder(name), Type = type, ModulesToSave = modules };
        await using var model = await Models.CreateAsync(options: options);
        await using var plain = await Models.CreateAsync(options: options with { ModulesToSave = null });
        ModelRequest[] requests = [new(new("The models play a game."), 1), new(Choice, 2)];
        Assert.Equal(Told(await plain.ActAsync(requests, default)), Told(await model.ActAsync(requests, default)));
        var saved = model.Parameters.Where(parameter => !parameter.Info.Name.Contains(".lora_", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            modules.Select(module => module == "lm_head" ? "base_model.model.lm_head.weight" : "base_model.model.model.embed_tokens.weight"),
            saved.Select(parameter => parameter.Info.Name));
        var before = saved.ConvertAll(parameter => parameter.Floats());
        var frozen = model.Digest(TensorPart.Frozen);

        for (var update = 1; update <= 3; update++)
            await model.TrainOnceAsync(update, 0.002, Choice);

        Assert.All(saved.Zip(before), pair => Assert.NotEqual(pair.Second, pair.First.Floats()));
        Assert.Equal(frozen, model.Digest(TensorPart.Frozen));
        var exported = Path.Combine(_folder, "exported");
        await TensorExport.ToPeftAsync(exported, PeftConfig.Parse("model", model.Description.Adapter!), model.Parameters.Select(TensorSource.Of));
        await using var back = await Models.CreateAsync(options: new() { Path = options.Path, Type = type, Adapter = exported });
        Assert.Equal(model.Digest(TensorPart.Adapter), back.Digest(TensorPart.Adapter));
        Assert.Equal(model.Description.Architecture.ToJsonString(), back.Description.Architecture.ToJsonString());
        Assert.Equal(Told(await model.ActAsync(requests, default)), Told(await back.ActAsync(requests, default)));
    }

    [Fact]
    public async Task Layers_computed_twice_give_the_embeddings_the_same_gradients()
    {
        var options = new TorchLoraOptions { Path = TinyModel.Folder("qwen3-tiny"), ModulesToSave = ["embed_tokens", "lm_head"] };
        await using var plain = await Models.CreateAsync(options: options);
        await using var twice = await Models.CreateAsync(options: options with { GradientCheckpointing = true });
        var answers = await plain.ActAsync([new(Choice, 1), new(new("A game"), 2)], default);
        var batch = new LearningBatch([new(Choice, answers[0], 1, 1), new(new("A game"), answers[1], 0, -1)], new(), 3);
        await plain.ComputeGradientsAsync(batch, 0, default);
        await twice.ComputeGradientsAsync(batch, 0, default);
        Assert.All(plain.Gradients, gradient => Assert.Contains(gradient.Floats(), value => value != 0 || gradient.Info.Name.EndsWith("lora_A.weight", StringComparison.Ordinal)));
        Assert.All(plain.Gradients.Zip(twice.Gradients), pair => Assert.Equal(pair.First.Bytes(), pair.Second.Bytes()));
    }

    [Fact]
    public async Task What_cannot_learn_as_a_whole_is_refused_by_name()
    {
        var tied = await Assert.ThrowsAsync<ArgumentException>(() => Models.CreateAsync(options: new() { Path = TinyModel.Folder("qwen3-tied-tiny"), ModulesToSave = ["lm_head"] }));
        Assert.Equal("modules_to_save names lm_head, and the embeddings of this model are tied: one table serves as both, so neither can learn without the other.", tied.Message);

        using (var folder = new LocalFolder(Path.Combine(TinyModel.Folder("qwen3-tiny"), "adapter")))
        {
            var peft = await PeftAdapterReader.OpenAsync(folder);
            var norm = new TensorBytes(new("base_model.model.model.norm.weight", TensorType.Float32, [2]), new byte[8]);
            await TensorExport.ToPeftAsync(Path.Combine(_folder, "norm"), peft.Config with { ModulesToSave = ["norm"] }, TensorSource.AllOf(peft.File).Append(TensorSource.Of(norm)));
        }

        var other = await Assert.ThrowsAsync<CheckpointFormatException>(() => Models.CreateAsync(options: new() { Path = TinyModel.Folder("qwen3-tiny"), Adapter = Path.Combine(_folder, "norm") }));
        Assert.Equal($"{Path.Combine(_folder, "norm")}: its option 'modules_to_save' names norm; only embed_tokens and lm_head can learn as a whole here. Train an adapter without them.", other.Message);
    }

    [Theory]
    [MemberData(nameof(TinyModel.Names), MemberType = typeof(TinyModel))]
    public async Task A_merged_adapter_has_the_references_logits_and_the_base_stays_as_it_was(string name)
    {
        using var weights = await (await HuggingFaceFolder.OpenAsync(TinyModel.Folder(name))).LoadAsync(ScalarType.Float32, CPU);
        using var adapter = await PeftFolder.LoadAsync(Path.Combine(TinyModel.Folder(name), "adapter"), weights);
        var before = weights.Names.Select(weight => weights[weight].bytes.ToArray()).ToList();
        using (var merged = weights.Merge(adapter))
        {
            using var scope = NewDisposeScope();
            using var decoder = new Decoder(merged);
            foreach (var expected in TinyModel.Cases(name))
                TinyModel.AssertLogits(expected!["adapter_last_logits"]!, TinyModel.LastLogits(decoder, TinyModel.Tokens(expected["ids"]!)));
            Assert.Contains(weights.Names, weight => !merged[weight].bytes.SequenceEqual(weights[weight].bytes));
        }

        Assert.All(weights.Names.Zip(before), pair => Assert.True(weights[pair.First].bytes.SequenceEqual(pair.Second)));
        using var after = NewDisposeScope();
        using var plain = new Decoder(weights);
        foreach (var expected in TinyModel.Cases(name))
            TinyModel.AssertLogits(expected!["last_logits"]!, TinyModel.LastLogits(plain, TinyModel.Tokens(expected["ids"]!)));
    }

    private static IEnumerable<string> Told(IReadOnlyList<ModelResponse> answers) => answers.Select(answer => $"{answer.Text} {string.Join(' ', answer.LogProbabilities)}");
}

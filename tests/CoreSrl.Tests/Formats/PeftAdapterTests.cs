using System.Buffers;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

/// <summary>Adapter folders as a whole; <see cref="PeftConfigTests"/> has the config's options.</summary>
public sealed class PeftAdapterTests
{
    /// <summary>A folder with the keys and names of PEFT, three layers of a small Llama.</summary>
    [Fact]
    public async Task A_folder_that_PEFT_saved_reads_with_its_config_its_matrices_and_their_scale()
    {
        using var folder = new LocalFolder(Fixture.PathOf("peft"));

        var adapter = await PeftAdapterReader.OpenAsync(folder);

        Assert.Equal(("llama-tiny", "CAUSAL_LM", 4, 8.0), (adapter.Config.BaseModel, adapter.Config.TaskType, adapter.Config.Rank, adapter.Config.Alpha));
        Assert.Equal(["q_proj", "v_proj", "gate_proj"], adapter.Config.TargetModules.ToArray());
        Assert.Equal(9, adapter.Pairs.Length);
        var pair = adapter.Pairs.Single(pair => pair.Module == "model.layers.1.mlp.gate_proj");
        Assert.Equal(new TensorInfo("base_model.model.model.layers.1.mlp.gate_proj.lora_A.weight", TensorType.Float32, 4, 64), pair.A.Info);
        Assert.Equal(new TensorInfo("base_model.model.model.layers.1.mlp.gate_proj.lora_B.weight", TensorType.Float32, 160, 4), pair.B.Info);
        Assert.Equal((4, 8.0, 2.0), (pair.Rank, pair.Alpha, pair.Scale));
        Assert.Empty(adapter.SavedTensors);
        Assert.Equal("pt", adapter.File.Metadata["format"]);
    }

    [Fact]
    public async Task A_rank_stabilized_scale_divides_alpha_by_the_root_of_the_rank() =>
        Assert.All(
            (await new TestAdapter().With("use_rslora", true).Open()).Pairs,
            pair => Assert.Equal(8 / Math.Sqrt(2), pair.Scale));

    [Fact]
    public async Task A_state_dict_from_before_safetensors_is_read_too()
    {
        var adapter = new TestAdapter();
        adapter.WithFile("adapter_model.bin", PtWriter.Write(adapter.Tensors).ToArray()).WithFile("adapter_model.safetensors", null);

        var read = await adapter.Open();

        Assert.Equal("adapter/adapter_model.bin", read.File.Source.Name);
        Assert.Equal(["layers.0.q_proj", "layers.0.v_proj"], read.Pairs.Select(pair => pair.Module));
    }

    [Fact]
    public async Task Of_both_files_the_safetensors_one_counts() =>
        Assert.EndsWith("safetensors", (await new TestAdapter().WithFile("adapter_model.bin", [1]).Open()).File.Source.Name);

    [Fact]
    public async Task A_folder_that_lacks_a_file_is_refused_with_its_name()
    {
        await new TestAdapter().WithFile("adapter_config.json", null).AssertRefused("adapter: it holds no adapter_config.json. Name the folder");
        await new TestAdapter().WithFile("adapter_model.safetensors", null).AssertRefused(
            "adapter: it holds no adapter_model.safetensors (nor adapter_model.bin). ");
        using var none = new LocalFolder(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        await Assert.ThrowsAsync<CheckpointFormatException>(() => PeftAdapterReader.OpenAsync(none).AsTask());
    }

    [Fact]
    public Task A_matrix_without_its_partner_is_refused_and_all_such_are_named() =>
        new TestAdapter()
            .Without("base_model.model.layers.0.q_proj.lora_A.weight")
            .Without("base_model.model.layers.0.v_proj.lora_B.weight")
            .AssertRefused(
                "adapter/adapter_model.safetensors: missing keys: base_model.model.layers.0.q_proj.lora_A.weight, "
                + "base_model.model.layers.0.v_proj.lora_B.weight. ");

    [Theory]
    [InlineData("layers.0.q_proj.lora_A.weight")]
    [InlineData("base_model.model.layers.0.q_proj.weight")]
    [InlineData("base_model.model.layers.0.q_proj.lora_A.default.weight")]
    [InlineData("base_model.model.layers.0.q_proj.lora_B.bias")]
    [InlineData("base_model.model.layers.0.q_proj.lora_magnitude_vector")]
    [InlineData("base_model.model.embed_tokens.lora_embedding_A")]
    [InlineData("base_model.model.layers.0.k_proj.lora_A.weight")]
    [InlineData("base_model.model..lora_A.weight")]
    public Task A_key_that_an_adapter_does_not_have_is_refused_by_name(string name) =>
        new TestAdapter().With(Fixture.Tensor(name, TensorType.Float32, 1, 2, 6)).AssertRefused($"unexpected keys: {name}. ");

    [Fact]
    public Task A_matrix_of_another_rank_than_the_config_says_is_refused() =>
        new TestAdapter().With(TestAdapter.Pair("layers.1.q_proj", 3, 6, 4)).AssertRefused(
            "'base_model.model.layers.1.q_proj.lora_A.weight float32[3, 6]' should be [2, inputs], for the config says rank 2. ");

    [Fact]
    public Task Matrices_of_different_ranks_are_refused() =>
        new TestAdapter()
            .Without("base_model.model.layers.0.q_proj.lora_B.weight")
            .With(Fixture.Tensor("base_model.model.layers.0.q_proj.lora_B.weight", TensorType.Float32, 1, 4, 3))
            .AssertRefused("lora_B.weight float32[4, 3]' should be [outputs, 2]");

    [Fact]
    public Task A_matrix_of_whole_numbers_is_refused() =>
        new TestAdapter()
            .Without("base_model.model.layers.0.q_proj.lora_B.weight")
            .With(Fixture.Tensor("base_model.model.layers.0.q_proj.lora_B.weight", TensorType.Int8, 1, 4, 2))
            .AssertRefused("is a matrix of whole numbers");

    [Fact]
    public async Task An_adapter_without_matrices_is_refused()
    {
        var adapter = new TestAdapter();
        adapter.Tensors.Clear();
        await adapter.AssertRefused("it holds no LoRA matrices");
    }

    [Fact]
    public async Task Weights_of_modules_to_save_are_read_and_are_unexpected_where_the_config_names_none()
    {
        var head = Fixture.Tensor("base_model.model.score.weight", TensorType.Float32, 1, 2, 6);

        // PEFT lists both names that a classifier's head may have.
        var adapter = await new TestAdapter().With(head).With("modules_to_save", new JsonArray("classifier", "score")).Open();

        Assert.Equal([head.Info], adapter.SavedTensors.Select(tensor => tensor.Info));
        Assert.Equal(2, adapter.Pairs.Length);
        await new TestAdapter().With(head).AssertRefused("unexpected keys: base_model.model.score.weight");
        await new TestAdapter().With("modules_to_save", new JsonArray("score")).AssertRefused("missing keys: base_model.model.…score.weight");
    }

    [Fact]
    public async Task An_adapter_that_has_what_the_model_wants_matches()
    {
        var adapter = new TestAdapter();

        (await adapter.Open()).RequireMatch(adapter.Tensors.Select(tensor => tensor.Info));
    }

    [Fact]
    public async Task One_that_does_not_is_refused_with_every_difference()
    {
        var adapter = await new TestAdapter().Open();
        var wanted = TestAdapter.Pair("layers.0.q_proj", 4, 6, 4).Concat(TestAdapter.Pair("layers.1.q_proj", 2, 6, 4));

        var error = Assert.Throws<CheckpointFormatException>(() => adapter.RequireMatch(wanted.Select(tensor => tensor.Info)));

        Assert.Equal(
            "adapter/adapter_model.safetensors: the adapter does not fit the model: "
            + "missing keys: base_model.model.layers.1.q_proj.lora_A.weight, base_model.model.layers.1.q_proj.lora_B.weight; "
            + "unexpected keys: base_model.model.layers.0.v_proj.lora_A.weight, base_model.model.layers.0.v_proj.lora_B.weight; "
            + "base_model.model.layers.0.q_proj.lora_A.weight is [2, 6], the model's is [4, 6]; "
            + "base_model.model.layers.0.q_proj.lora_B.weight is [4, 2], the model's is [4, 4]. "
            + "Give the model the adapter's base model, rank and target modules.",
            error.Message);
    }

    [Fact]
    public async Task What_is_written_reads_back_and_is_what_was_written_before()
    {
        using var folder = new LocalFolder(Fixture.PathOf("peft"));
        var original = await PeftAdapterReader.OpenAsync(folder);

        var files = PeftAdapterWriter.ToFiles("copy", original.Config, original.File.Tensors.Select(tensor => TensorSource.Of(original.File, tensor)));
        var copy = await Written(files).Open();

        Assert.Equal(original.Config.ToJson().ToJsonString(), copy.Config.ToJson().ToJsonString());
        Assert.Equal(original.Pairs.Select(pair => pair.Module).Order(), copy.Pairs.Select(pair => pair.Module).Order());
        foreach (var tensor in original.File.Tensors)
            Assert.Equal(await original.File.Content(tensor), await copy.File.Content(copy.File[tensor.Info.Name]));
        Assert.Equal(original.File.Metadata, copy.File.Metadata);
    }

    [Fact]
    public async Task Tensors_that_contradict_the_config_are_not_written()
    {
        var adapter = new TestAdapter();
        var config = (await adapter.Open()).Config with { Rank = 3 };

        var error = Assert.Throws<CheckpointFormatException>(
            () => PeftAdapterWriter.ToFiles("out", config, adapter.Tensors.Select(TensorSource.Of)));

        Assert.Contains("for the config says rank 3", error.Message);
    }

    private static TestAdapter Written(IReadOnlyList<(string File, IByteSource Content)> files)
    {
        var adapter = new TestAdapter();
        foreach (var (file, content) in files)
        {
            var bytes = new byte[content.Length];
            content.ReadAsync(0, bytes, default).AsTask().GetAwaiter().GetResult();
            adapter.WithFile(file, bytes);
        }

        return adapter;
    }
}

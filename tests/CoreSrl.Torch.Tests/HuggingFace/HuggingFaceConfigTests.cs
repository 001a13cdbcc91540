using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Formats;
using CoreSrl.Torch.HuggingFace;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>What a config.json says is what the decoder is; what the decoder is not is refused by name.</summary>
public sealed class HuggingFaceConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("qwen3", true, "")]
    [InlineData("qwen2", false, "q_proj,k_proj,v_proj")]
    [InlineData("llama", false, "")]
    public async Task Each_family_has_its_own_attention(string family, bool hasNorm, string biased)
    {
        var config = await ReadAsync(("model_type", family));
        Assert.Equal(hasNorm, config.HasQueryKeyNorm);
        Assert.Equal(biased.Split(',', StringSplitOptions.RemoveEmptyEntries), config.BiasedProjections);
        Assert.Equal((100, 64, 3, 4, 2, 160), (config.VocabularySize, config.HiddenSize, config.Layers, config.Heads, config.KeyValueHeads, config.IntermediateSize));
    }

    [Fact]
    public async Task What_is_left_out_is_what_the_family_has()
    {
        Assert.Equal(128, (await ReadAsync(("model_type", "qwen3"), ("head_dim", null))).HeadDim);
        var llama = await ReadAsync(("model_type", "llama"), ("head_dim", null), ("num_key_value_heads", null), ("rope_theta", null), ("rms_norm_eps", null));
        Assert.Equal((16, 4, 10_000.0, 1e-6), (llama.HeadDim, llama.KeyValueHeads, llama.RopeTheta, llama.RmsNormEpsilon));
    }

    [Fact]
    public async Task The_tokens_that_end_a_text_are_those_of_both_files()
    {
        await ReadAsync(("eos_token_id", 11));
        await File.WriteAllTextAsync(Path.Combine(_folder, "generation_config.json"), """{ "eos_token_id": [12, 11], "temperature": 0.7 }""");
        Assert.Equal([11, 12], (await HuggingFaceFolder.OpenAsync(_folder)).EndTokens);
        await File.WriteAllTextAsync(Path.Combine(_folder, "generation_config.json"), """{ "eos_token_id": "end" }""");
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => HuggingFaceFolder.OpenAsync(_folder));
        Assert.Equal("its 'eos_token_id' is \"end\", not a token's number or a list of them", error.Problem);
        await File.WriteAllTextAsync(Path.Combine(_folder, "generation_config.json"), """{ "eos_token_id": 100 }""");
        error = await Assert.ThrowsAsync<CheckpointFormatException>(() => HuggingFaceFolder.OpenAsync(_folder));
        Assert.Equal("its 'eos_token_id' names token 100; 'vocab_size' allows 0 to 99", error.Problem);
        Assert.Equal(Path.Combine(_folder, "generation_config.json"), error.File);
    }

    [Fact]
    public async Task Biases_are_where_the_config_says()
    {
        var config = await ReadAsync(("model_type", "llama"), ("attention_bias", true), ("mlp_bias", true));
        Assert.Equal(DecoderConfig.ProjectionNames, config.BiasedProjections);
    }

    [Theory]
    [InlineData("rope_scaling", "rope_type")]
    [InlineData("rope_scaling", "type")]
    [InlineData("rope_parameters", "rope_type")] // transformers 5
    public async Task The_wavelengths_of_Llama_3_are_stretched(string key, string type)
    {
        var config = await ReadAsync(("model_type", "llama"), ("rope_theta", 500_000), (key, new JsonObject
        {
            [type] = "llama3",
            ["factor"] = 8.0,
            ["low_freq_factor"] = 1.0,
            ["high_freq_factor"] = 4.0,
            ["original_max_position_embeddings"] = 8192,
            ["rope_theta"] = 500_000.0,
        }));
        Assert.Equal(500_000, config.RopeTheta);
        var scaling = config.RopeScaling!;
        // A wavelength of 8192/4 tokens or less stays, one of 8192 or more becomes eight times as long.
        double Wavelength(double tokens) => 2 * Math.PI / scaling.Apply(2 * Math.PI / tokens);
        Assert.Equal(2048, Wavelength(2048), 6);
        Assert.Equal(65536, Wavelength(8192), 6);
        Assert.Equal(80000, Wavelength(10000), 6);
        // Between: 8192/4096 = 2 turns, a third of the way from 1 to 4, so the frequency is 2/3 · f/8 + 1/3 · f.
        Assert.Equal(4096 / ((2.0 / 3 / 8) + (1.0 / 3)), Wavelength(4096), 6);
    }

    [Fact]
    public async Task What_newer_files_keep_together_may_stand_apart()
    {
        var plain = new JsonObject { ["rope_type"] = "default" };
        Assert.Equal(77_000, (await ReadAsync(("rope_parameters", plain.DeepClone()), ("rope_theta", 77_000))).RopeTheta);
        Assert.Equal(10_000, (await ReadAsync(("rope_parameters", plain.DeepClone()), ("rope_theta", null))).RopeTheta);
        var stretched = JsonNode.Parse("""
            { "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 100, "rope_theta": 5 }
            """);
        var config = await ReadAsync(("rope_scaling", plain), ("rope_parameters", stretched));
        Assert.Equal((8, 5), (config.RopeScaling!.Factor, config.RopeTheta));
    }

    [Theory]
    [InlineData("model_type", "\"mamba\"", "its 'model_type' is \"mamba\"; qwen3, qwen2, llama are supported")]
    [InlineData("model_type", "null", "it lacks 'model_type'")]
    [InlineData("hidden_act", "\"gelu\"", "its option 'hidden_act' is \"gelu\", which Core SRL does not do")]
    [InlineData("use_sliding_window", "true", "its option 'use_sliding_window' is true, which Core SRL does not do")]
    [InlineData("layer_types", "[\"sliding_attention\"]", "its option 'layer_types' is [\"sliding_attention\"], which Core SRL does not do")]
    [InlineData("quantization_config", "{\"bits\":4}", "its option 'quantization_config' is {\"bits\":4}, which Core SRL does not do")]
    [InlineData("partial_rotary_factor", "0.5", "its option 'partial_rotary_factor' is 0.5, which Core SRL does not do")]
    [InlineData("rope_scaling", "{\"type\":\"yarn\",\"factor\":4}", "its option 'rope_scaling' is {\"type\":\"yarn\",\"factor\":4}, which Core SRL does not do")]
    [InlineData("rope_scaling", "{\"rope_type\":\"llama3\"}", "it lacks 'factor'")]
    [InlineData("hidden_size", "\"big\"", "its 'hidden_size' is \"big\", not a whole number from 1 on")]
    [InlineData("hidden_size", "0", "its 'hidden_size' is 0, not a whole number from 1 on")]
    [InlineData("vocab_size", "null", "it lacks 'vocab_size'")]
    [InlineData("num_key_value_heads", "3", "its 'num_attention_heads' is 4, which is no multiple of 'num_key_value_heads', 3")]
    [InlineData("head_dim", "15", "its 'head_dim' is 15, which must be even")]
    [InlineData("rope_theta", "-1", "its 'rope_theta' is -1, not a number above 0")]
    [InlineData("eos_token_id", "-7", "its 'eos_token_id' names token -7; 'vocab_size' allows 0 to 99")]
    [InlineData("eos_token_id", "[11, 100]", "its 'eos_token_id' names token 100; 'vocab_size' allows 0 to 99")]
    [InlineData("num_attention_heads", "134217728", "its 'num_attention_heads' is 134217728 and its 'head_dim' 16, which are not plausible together")]
    [InlineData("head_dim", "1073741824", "its 'num_attention_heads' is 4 and its 'head_dim' 1073741824, which are not plausible together")]
    [InlineData("tie_word_embeddings", "\"yes\"", "its 'tie_word_embeddings' is \"yes\", not true or false")]
    public async Task What_the_decoder_is_not_is_refused_by_name(string key, string value, string problem)
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => ReadAsync((key, JsonNode.Parse(value))));
        Assert.Equal($"{Path.Combine(_folder, "config.json")}: {problem}. Choose a folder in which transformers' save_pretrained put a model of the Qwen3, Qwen2 or Llama family.", error.Message);
    }

    [Theory]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("{", "it is not JSON: *")]
    [InlineData("", "it is not JSON: *")]
    [InlineData("{\"model_type\": \"\\ud800\"}", "it is not JSON: *")]
    public async Task What_is_no_config_is_refused(string content, string problem)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.json"), content);
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => HuggingFaceFolder.OpenAsync(_folder));
        Assert.StartsWith(problem.TrimEnd('*'), error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_one_is_told()
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => HuggingFaceFolder.OpenAsync(_folder));
        Assert.Equal($"{_folder}: it holds no config.json. Name a folder in which transformers' save_pretrained put a model.", error.Message);
    }

    private async Task<DecoderConfig> ReadAsync(params (string Key, JsonNode? Value)[] changes)
    {
        var json = JsonNode.Parse("""
            {
              "model_type": "qwen3", "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3, "num_attention_heads": 4,
              "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 100, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "hidden_act": "silu",
              "max_position_embeddings": 512, "torch_dtype": "bfloat16", "sliding_window": null, "use_sliding_window": false
            }
            """)!;
        foreach (var (key, value) in changes)
            json[key] = value;
        await File.WriteAllBytesAsync(Path.Combine(_folder, "config.json"), JsonSerializer.SerializeToUtf8Bytes(json));
        return (await HuggingFaceFolder.OpenAsync(_folder)).Config;
    }
}

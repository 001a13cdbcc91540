using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Benchmarks.Language;

/// <summary>A model of Qwen2.5-0.5B's shape (494 million parameters) with random weights in bfloat16, as a Hugging Face folder. Nothing ends
/// its texts, so they are as long as they may be.</summary>
internal static class HalfBillion
{
    /// <summary>Seeds the weights.</summary>
    public const ulong Seed = 7;

    public static DecoderConfig Shape { get; } = new()
    {
        VocabularySize = 151936,
        HiddenSize = 896,
        Layers = 24,
        Heads = 14,
        KeyValueHeads = 2,
        HeadDim = 64,
        IntermediateSize = 4864,
        RopeTheta = 1_000_000,
        RmsNormEpsilon = 1e-6,
        TieWordEmbeddings = true,
        HasQueryKeyNorm = false,
        BiasedProjections = ["q_proj", "k_proj", "v_proj"],
    };

    /// <summary>The letters in which byte-level vocabularies write each byte: its own where it has one, and others for the rest.</summary>
    public static IReadOnlyList<string> ByteLetters { get; } = Letters();

    /// <summary>Writes the folder, about 1 GB.</summary>
    public static async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), Config().ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString());
        using var weights = DecoderWeights.Random(Shape, Seed, CPU);
        using var scope = NewDisposeScope();
        // Embeddings of unit variance would make logits of a hundred; a trained model's vary by a few.
        var halves = weights.Names.ToDictionary(name => name, name => weights[name].mul(Number.Of(name.Contains("embed", StringComparison.Ordinal) ? 0.05 : 1)).bfloat16());
        await TensorExport.ToSafetensorsAsync(
            Path.Combine(folder, "model.safetensors"), halves.Select(weight => TensorSource.Of(new TorchTensor(TensorPart.Frozen, weight.Key, weight.Value))));
    }

    private static JsonObject Config() => new()
    {
        ["model_type"] = "qwen2",
        ["architectures"] = new JsonArray("Qwen2ForCausalLM"),
        ["hidden_size"] = Shape.HiddenSize,
        ["intermediate_size"] = Shape.IntermediateSize,
        ["num_hidden_layers"] = Shape.Layers,
        ["num_attention_heads"] = Shape.Heads,
        ["num_key_value_heads"] = Shape.KeyValueHeads,
        ["vocab_size"] = Shape.VocabularySize,
        ["max_position_embeddings"] = 32768,
        ["rms_norm_eps"] = Shape.RmsNormEpsilon,
        ["rope_theta"] = Shape.RopeTheta,
        ["hidden_act"] = "silu",
        ["tie_word_embeddings"] = true,
        ["torch_dtype"] = "bfloat16",
    };

    private static List<string> Letters()
    {
        var hidden = 0;
        return [.. Enumerable.Range(0, 256).Select(value => char.ConvertFromUtf32(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? value : 256 + hidden++))];
    }

    // One token for each byte.
    private static JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject(ByteLetters.Select((letter, value) => KeyValuePair.Create(letter, (JsonNode?)value)));
        return new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = @"\p{L}+|[^\p{L}]" }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false }),
            },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }
}

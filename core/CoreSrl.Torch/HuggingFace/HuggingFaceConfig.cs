using System.Collections.Immutable;
using System.Text.Json;
using CoreSrl.Formats;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>
/// Reads the <c>config.json</c> of a Hugging Face folder. The families Qwen3, Qwen2 (2.5 is of its structure) and Llama are known; an
/// option that would make a model compute otherwise than the decoder does is refused by name, one that does not change what a model
/// computes is passed over. Keys and defaults: configuration_qwen3.py, configuration_qwen2.py and configuration_llama.py of
/// Hugging Face's transformers.
/// </summary>
internal sealed class HuggingFaceConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "config.json";

    /// <summary>The file that says how a model writes.</summary>
    public const string GenerationFileName = "generation_config.json";

    /// <summary>The longest file that is read, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    private const int LargestWidth = 1 << 22;
    private const string Remedy = "Choose a folder in which transformers' save_pretrained put a model of the Qwen3, Qwen2 or Llama family";

    private static readonly string[] Families = ["qwen3", "qwen2", "llama"];
    private static readonly string[] AttentionProjections = ["q_proj", "k_proj", "v_proj", "o_proj"];
    private static readonly string[] FeedForwardProjections = ["gate_proj", "up_proj", "down_proj"];

    private readonly string _file;
    private readonly JsonElement _root;

    private HuggingFaceConfig(string file, JsonElement root)
    {
        _file = file;
        _root = root;
    }

    /// <summary>The model that a file describes.</summary>
    /// <exception cref="CheckpointFormatException">It is not JSON, lacks a number, or describes something that the decoder is
    /// not.</exception>
    public static HuggingFaceDescription Parse(string file, ReadOnlyMemory<byte> json) => Parse(file, json, config => config.Read());

    /// <summary>The tokens that a generation_config.json says end a text; empty when it does not say.</summary>
    /// <exception cref="CheckpointFormatException">It is not JSON, or says something else.</exception>
    public static ImmutableArray<int> ParseEnds(string file, ReadOnlyMemory<byte> json, int vocabularySize) => Parse(file, json, config => config.ReadEnds(vocabularySize));

    private static T Parse<T>(string file, ReadOnlyMemory<byte> json, Func<HuggingFaceConfig, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new HuggingFaceConfig(file, document.RootElement))
                : throw new CheckpointFormatException(file, "it is not a JSON object", Remedy);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is no text.
            throw new CheckpointFormatException(file, $"it is not JSON: {e.Message.TrimEnd('.')}", Remedy, e);
        }
    }

    private string Family => Text("model_type") ?? throw Refuse("it lacks 'model_type'");

    private HuggingFaceDescription Read()
    {
        var decoder = ReadDecoder();
        return new(Family, decoder, ReadType(), ReadEnds(decoder.VocabularySize));
    }

    private DecoderConfig ReadDecoder()
    {
        if (!Families.Contains(Family))
            throw Refuse($"its 'model_type' is \"{Family}\"; {string.Join(", ", Families)} are supported");
        RefuseWhatIsNotDone();
        var (hidden, heads) = (Count("hidden_size"), Count("num_attention_heads"));
        var config = new DecoderConfig
        {
            VocabularySize = Count("vocab_size"),
            HiddenSize = hidden,
            Layers = Count("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = Find("num_key_value_heads") is null ? heads : Count("num_key_value_heads"),
            HeadDim = Find("head_dim") is not null ? Count("head_dim") : Family == "qwen3" ? 128 : hidden / heads,
            IntermediateSize = Count("intermediate_size"),
            RopeTheta = Find("rope_theta", Rope) is null && Find("rope_theta") is null ? 10_000 : Number("rope_theta", Find("rope_theta", Rope) is null ? null : Rope),
            RopeScaling = ReadScaling(Find("rope_scaling")) ?? ReadScaling(Rope),
            RmsNormEpsilon = Find("rms_norm_eps") is null ? 1e-6 : Number("rms_norm_eps", null),
            TieWordEmbeddings = Flag("tie_word_embeddings"),
            HasQueryKeyNorm = Family == "qwen3",
            BiasedProjections = ReadBiases(),
        };
        if (config.Heads % config.KeyValueHeads != 0)
            throw Refuse($"its 'num_attention_heads' is {config.Heads}, which is no multiple of 'num_key_value_heads', {config.KeyValueHeads}");
        if ((long)config.Heads * config.HeadDim > LargestWidth)
            throw Refuse($"its 'num_attention_heads' is {config.Heads} and its 'head_dim' {config.HeadDim}, which are not plausible together");
        return config.HeadDim is > 0 && config.HeadDim % 2 == 0 ? config : throw Refuse($"its 'head_dim' is {config.HeadDim}, which must be even");
    }

    // Newer files say dtype.
    private ScalarType ReadType() => (Find("dtype") ?? Find("torch_dtype")) is { } type && IsText(type, "bfloat16") ? ScalarType.BFloat16 : ScalarType.Float32;

    private ImmutableArray<int> ReadEnds(int vocabularySize)
    {
        var ends = ReadEnds();
        foreach (var end in ends.Where(end => end < 0 || end >= vocabularySize))
            throw Refuse($"its 'eos_token_id' names token {end}; 'vocab_size' allows 0 to {vocabularySize - 1}");
        return ends;
    }

    private ImmutableArray<int> ReadEnds() => Find("eos_token_id") switch
    {
        null => [],
        { ValueKind: JsonValueKind.Number } one when one.TryGetInt32(out var id) => [id],
        { ValueKind: JsonValueKind.Array } several when several.EnumerateArray().All(end => end.ValueKind == JsonValueKind.Number && end.TryGetInt32(out _)) =>
            [.. several.EnumerateArray().Select(end => end.GetInt32())],
        { } other => throw Refuse($"its 'eos_token_id' is {Shown(other)}, not a token's number or a list of them"),
    };

    // Later versions of transformers keep what concerns positions together.
    private JsonElement? Rope => Find("rope_parameters");

    private RopeScaling? ReadScaling(JsonElement? options)
    {
        if (options is not { } scaling)
            return null;
        if (scaling.ValueKind != JsonValueKind.Object)
            throw Unsupported("rope_scaling", scaling);
        if ((Find("rope_type", scaling) ?? Find("type", scaling)) is not { } type || type.ValueEquals("default"))
            return null;
        if (!type.ValueEquals("llama3"))
            throw Unsupported("rope_scaling", scaling);
        var read = new RopeScaling
        {
            Factor = Number("factor", scaling),
            LowFrequencyFactor = Number("low_freq_factor", scaling),
            HighFrequencyFactor = Number("high_freq_factor", scaling),
            OriginalContextLength = (int)Number("original_max_position_embeddings", scaling),
        };
        return read.Factor >= 1 && read.LowFrequencyFactor > 0 && read.HighFrequencyFactor > read.LowFrequencyFactor && read.OriginalContextLength > 0
            ? read
            : throw Refuse($"its 'rope_scaling' is {Shown(scaling)}: 'factor' must be at least 1, and 'high_freq_factor' above 'low_freq_factor'");
    }

    // Qwen2's queries, keys and values have a bias whatever its config says: the key came later.
    private string[] ReadBiases() =>
    [
        .. Family == "qwen2" ? AttentionProjections[..3] : Flag("attention_bias") ? AttentionProjections : [],
        .. Flag("mlp_bias") ? FeedForwardProjections : [],
    ];

    private void RefuseWhatIsNotDone()
    {
        if (Find("hidden_act") is { } activation && !IsText(activation, "silu"))
            throw Unsupported("hidden_act", activation);
        if (Flag("use_sliding_window"))
            throw Unsupported("use_sliding_window", Find("use_sliding_window")!.Value);
        if (Find("quantization_config") is { } quantization)
            throw Unsupported("quantization_config", quantization);
        const string share = "partial_rotary_factor";
        if ((Find(share, Rope) ?? Find(share)) is { } part && !(part.ValueKind == JsonValueKind.Number && part.GetDouble() == 1))
            throw Unsupported(share, part);

        if (Find("layer_types") is { } types
            && !(types.ValueKind == JsonValueKind.Array && types.EnumerateArray().All(type => IsText(type, "full_attention"))))
        {
            throw Unsupported("layer_types", types);
        }
    }

    private JsonElement? Find(string key, JsonElement? within = null) =>
        (within ?? _root) is { ValueKind: JsonValueKind.Object } values && values.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private int Count(string key) =>
        (Find(key) ?? throw Refuse($"it lacks '{key}'")) is var value && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1
            ? count
            : throw Refuse($"its '{key}' is {Shown(value)}, not a whole number from 1 on");

    private double Number(string key, JsonElement? within) =>
        (Find(key, within) ?? throw Refuse($"it lacks '{key}'")) is var value && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && double.IsFinite(number) && number > 0
            ? number
            : throw Refuse($"its '{key}' is {Shown(value)}, not a number above 0");

    private bool Flag(string key) => Find(key) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse($"its '{key}' is {Shown(value)}, not true or false"),
    };

    private string? Text(string key) => Find(key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private CheckpointFormatException Unsupported(string key, JsonElement value) => Refuse($"its option '{key}' is {Shown(value)}, which Core SRL does not do");

    private CheckpointFormatException Refuse(string problem) => new(_file, problem, Remedy);

    private static string Shown(JsonElement value)
    {
        const int longest = 80;
        var text = value.GetRawText();
        return text.Length <= longest ? text : text[..longest] + "…";
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Formats.Peft;

/// <summary>
/// What an <c>adapter_config.json</c> of PEFT says about a LoRA adapter: y = W x + s B A x, with s = alpha / r, or alpha / √r when
/// rank-stabilized. Hu et al. 2021, arXiv:2106.09685; Kalajdzievski 2023, arXiv:2312.03732. Keys: the docstring of PEFT's
/// <c>LoraConfig</c>.
/// </summary>
public sealed record PeftConfig
{
    /// <summary><c>r</c>: the rank of a module that <see cref="RankPattern"/> does not name; at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary><c>lora_alpha</c>: the alpha of a module that <see cref="AlphaPattern"/> does not name; finite.</summary>
    public required double Alpha { get; init; }

    /// <summary><c>lora_dropout</c>: the share of inputs dropped while learning, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary><c>use_rslora</c>: whether the scale is alpha / √r.</summary>
    public bool IsRankStabilized { get; init; }

    /// <summary><c>target_modules</c> when it is a list: a module carries an adapter when its path is one of these or ends in one
    /// behind a dot. Empty when <see cref="TargetPattern"/> says it.</summary>
    public ImmutableArray<string> TargetModules { get; init; } = [];

    /// <summary><c>target_modules</c> when it is one text: a regular expression that matches the whole path of a module, or
    /// <c>all-linear</c>.</summary>
    public string? TargetPattern { get; init; }

    /// <summary><c>rank_pattern</c>: regular expressions and the rank of the modules whose path ends in what they match; the first
    /// that matches counts.</summary>
    public ImmutableArray<KeyValuePair<string, int>> RankPattern { get; init; } = [];

    /// <summary><c>alpha_pattern</c>: the same for alpha.</summary>
    public ImmutableArray<KeyValuePair<string, double>> AlphaPattern { get; init; } = [];

    /// <summary><c>modules_to_save</c>: modules that were trained as a whole, whose weights lie beside the adapter's; a module is
    /// one of them when its path ends in one of these.</summary>
    public ImmutableArray<string> ModulesToSave { get; init; } = [];

    /// <summary><c>base_model_name_or_path</c>, if any.</summary>
    public string? BaseModel { get; init; }

    /// <summary><c>revision</c> of the base model, if any.</summary>
    public string? Revision { get; init; }

    /// <summary><c>task_type</c>, such as CAUSAL_LM, if any.</summary>
    public string? TaskType { get; init; }

    /// <summary>Reads what a model says of its adapter (ModelDescription.Adapter).</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="json">In PEFT's terms.</param>
    /// <exception cref="CheckpointFormatException">As for a file.</exception>
    public static PeftConfig Parse(string name, JsonObject json) =>
        PeftConfigReader.Parse(name, JsonSerializer.SerializeToUtf8Bytes(json));

    /// <summary>The modules of a model that carry an adapter, in the order given.</summary>
    /// <param name="name">What to call the config in messages.</param>
    /// <param name="modules">The paths of the model's linear modules, but the one that makes logits.</param>
    /// <exception cref="CheckpointFormatException">A pattern is no regular expression, there are too many, or matching them takes too
    /// long.</exception>
    public IReadOnlyList<LoraModule> ModulesOf(string name, IEnumerable<string> modules)
    {
        var patterns = new PeftModules(name, this);
        return [.. modules.Where(patterns.IsTarget).Select(patterns.ModuleOf)];
    }

    /// <summary>
    /// The keys that PEFT writes (all that its version 0.10 knows, and later versions too), with the values that a plain LoRA adapter
    /// has where this says nothing of them, in the ordinal order of PEFT's own files.
    /// </summary>
    public JsonObject ToJson() => new()
    {
        ["alpha_pattern"] = ToObject(AlphaPattern),
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = BaseModel,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["layer_replication"] = null,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["loftq_config"] = new JsonObject(),
        ["lora_alpha"] = Alpha,
        ["lora_dropout"] = Dropout,
        ["megatron_config"] = null,
        ["megatron_core"] = "megatron.core",
        ["modules_to_save"] = ModulesToSave.IsEmpty ? null : ToArray(ModulesToSave),
        ["peft_type"] = "LORA",
        ["r"] = Rank,
        ["rank_pattern"] = ToObject(RankPattern),
        ["revision"] = Revision,
        ["target_modules"] = TargetPattern is null ? ToArray(TargetModules) : JsonValue.Create(TargetPattern),
        ["task_type"] = TaskType,
        ["use_dora"] = false,
        ["use_rslora"] = IsRankStabilized,
    };

    private static JsonArray ToArray(ImmutableArray<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static JsonObject ToObject<T>(ImmutableArray<KeyValuePair<string, T>> pairs) =>
        new(pairs.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
}

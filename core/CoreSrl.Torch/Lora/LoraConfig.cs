using System.Text.Json.Nodes;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;

namespace CoreSrl.Torch;

/// <summary>An adapter in the terms of PEFT's <c>adapter_config.json</c>.</summary>
public sealed record LoraConfig
{
    /// <summary><c>r</c>: the rank of a module that <see cref="RankPattern"/> does not name; at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary><c>lora_alpha</c>: what a module's adapter is scaled by, over its rank, unless <see cref="AlphaPattern"/> names it.</summary>
    public required double Alpha { get; init; }

    /// <summary><c>lora_dropout</c>: the share of inputs dropped while learning, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary><c>use_rslora</c>: whether the scale is alpha over the square root of the rank, at which neither outputs nor gradients
    /// shrink as the rank grows.</summary>
    /// <remarks>Kalajdzievski 2023, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", arXiv:2312.03732, theorem 3.2.</remarks>
    public bool IsRankStabilized { get; init; }

    /// <summary><c>target_modules</c> as a list: the modules whose paths are one of these, or end in one behind a dot, carry an adapter,
    /// such as <see cref="DecoderConfig.ProjectionNames"/>. Empty when <see cref="TargetPattern"/> says it.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary><c>target_modules</c> as one text: a regular expression for whole paths, or <c>all-linear</c>; null for none.</summary>
    public string? TargetPattern { get; init; }

    /// <summary><c>rank_pattern</c>: the ranks of the modules whose paths end in what a regular expression matches; the first counts.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> RankPattern { get; init; } = [];

    /// <summary><c>alpha_pattern</c>: the same for alpha.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> AlphaPattern { get; init; } = [];

    /// <summary><c>modules_to_save</c>: those of <see cref="SavableModules"/> that learn as a whole, in float32, in place of the base's.</summary>
    public IReadOnlyList<string> SavedModules { get; init; } = [];

    /// <summary><c>base_model_name_or_path</c>, if any.</summary>
    public string? BaseModel { get; init; }

    /// <summary><c>revision</c> of the base model, if any.</summary>
    public string? Revision { get; init; }

    /// <summary>The modules that can learn as a whole: <c>embed_tokens</c> and <c>lm_head</c>.</summary>
    public static IReadOnlyList<string> SavableModules { get; } = ["embed_tokens", "lm_head"];

    /// <summary>The same as PEFT writes it.</summary>
    public JsonObject ToJson() => ToPeft().ToJson();

    /// <summary>The modules of a decoder that carry an adapter, layer by layer, in the order in which they are applied.</summary>
    /// <param name="decoder">The decoder's shape.</param>
    /// <exception cref="CheckpointFormatException">A pattern is no regular expression.</exception>
    internal IReadOnlyList<LoraModule> ModulesOf(DecoderConfig decoder) => ToPeft().ModulesOf(
        "the adapter",
        Enumerable.Range(0, decoder.Layers).SelectMany(layer => DecoderConfig.ProjectionNames.Select(name => DecoderConfig.NameOf(layer, name))));

    /// <summary>Why an adapter cannot be one of a decoder; null when it can.</summary>
    internal string? ProblemWith(DecoderConfig decoder)
    {
        if (SavedModules.Except(SavableModules).ToList() is [_, ..] others)
            return $"names {string.Join(", ", others)}; only {string.Join(" and ", SavableModules)} can learn as a whole here";
        return SavedModules.Count > 0 && decoder.TieWordEmbeddings
            ? $"names {string.Join(", ", SavedModules)}, and the embeddings of this model are tied: one table serves as both, so neither can learn without the other"
            : null;
    }

    internal static LoraConfig Of(PeftConfig config) => new()
    {
        Rank = config.Rank,
        Alpha = config.Alpha,
        Dropout = config.Dropout,
        IsRankStabilized = config.IsRankStabilized,
        TargetModules = config.TargetModules,
        TargetPattern = config.TargetPattern,
        RankPattern = config.RankPattern,
        AlphaPattern = config.AlphaPattern,
        SavedModules = config.ModulesToSave,
        BaseModel = config.BaseModel,
        Revision = config.Revision,
    };

    private PeftConfig ToPeft() => new()
    {
        Rank = Rank,
        Alpha = Alpha,
        Dropout = Dropout,
        IsRankStabilized = IsRankStabilized,
        TargetModules = [.. TargetModules],
        TargetPattern = TargetPattern,
        RankPattern = [.. RankPattern],
        AlphaPattern = [.. AlphaPattern],
        ModulesToSave = [.. SavedModules],
        BaseModel = BaseModel,
        Revision = Revision,
        TaskType = "CAUSAL_LM",
    };
}

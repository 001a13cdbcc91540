using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using CoreSrl.Torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>The options of a <c>torch-lora</c> model: a frozen language model, from a Hugging Face folder or small and random, and the
/// LoRA adapter that learns.</summary>
public sealed partial record TorchLoraOptions : IValidatableObject
{
    internal const string OwnChatTemplate = "auto";
    internal const string NoChatTemplate = "none";

    /// <summary>The folder of a pretrained model of the Qwen3, Qwen2 or Llama family, as transformers' <c>save_pretrained</c> writes it:
    /// its weights in safetensors and its tokenizer. Models of one folder share its weights in memory. The options of a random model's
    /// shape and <see cref="BaseSeed"/> then do not apply.</summary>
    /// <value>Default none: a small random model that reads and writes bytes.</value>
    public string? Path { get; init; }

    /// <summary>What a pretrained model computes in: <c>float32</c> or <c>bfloat16</c>. The adapter learns in float32 in any case.</summary>
    /// <value>Default none: the type of its weights.</value>
    [AllowedValues("float32", "bfloat16", null)]
    public string? Type { get; init; }

    /// <summary>The width of the residual stream.</summary>
    /// <value>Default 32, which plays and learns in milliseconds on one processor core.</value>
    [Range(2, 65536)]
    public int HiddenSize { get; init; } = 32;

    /// <summary>The number of layers.</summary>
    /// <value>Default 2.</value>
    [Range(1, 1024)]
    public int Layers { get; init; } = 2;

    /// <summary>The query heads of each layer, a multiple of <see cref="KeyValueHeads"/>.</summary>
    /// <value>Default 2.</value>
    [Range(1, 1024)]
    public int Heads { get; init; } = 2;

    /// <summary>The key-value heads of each layer.</summary>
    /// <value>Default 1.</value>
    [Range(1, 1024)]
    public int KeyValueHeads { get; init; } = 1;

    /// <summary>The width of one head, even.</summary>
    /// <value>Default 16.</value>
    [Range(2, 1024)]
    public int HeadDim { get; init; } = 16;

    /// <summary>The width inside the feed-forward network.</summary>
    /// <value>Default 64.</value>
    [Range(1, 262144)]
    public int IntermediateSize { get; init; } = 64;

    /// <summary>Seeds the frozen base weights, so that several models can share one base.</summary>
    /// <value>Default none: the model's own seed, which differs from model to model.</value>
    public ulong? BaseSeed { get; init; }

    /// <summary>The folder of a PEFT adapter to start from, of the same base model: <c>adapter_config.json</c> and
    /// <c>adapter_model.safetensors</c>, as PEFT's <c>save_pretrained</c> or <c>srl export --format peft</c> writes them. Rank, alpha,
    /// dropout and modules are then the adapter's own, and the options for them do not apply.</summary>
    /// <value>Default none: a new adapter, with which the model is its base.</value>
    public string? Adapter { get; init; }

    /// <summary>The adapter's rank.</summary>
    /// <value>Default 8.</value>
    [Range(1, 4096)]
    public int LoraRank { get; init; } = 8;

    /// <summary>The adapter's output is scaled by this over <see cref="LoraRank"/>.</summary>
    /// <value>Default 16: a scale of 2 at the default rank.</value>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double LoraAlpha { get; init; } = 16;

    /// <summary>Ranks of single modules, as <c>PATTERN=RANK</c>: <c>q_proj=16</c>, <c>layers.0.mlp.up_proj=4</c>. A pattern is a regular
    /// expression for the end of a module's path, behind a dot; the first that matches counts (PEFT's <c>rank_pattern</c>).</summary>
    /// <value>Default none: all are of <see cref="LoraRank"/>.</value>
    [MinLength(1)]
    public IReadOnlyList<string>? LoraRankPattern { get; init; }

    /// <summary>The same for alpha, as <c>PATTERN=ALPHA</c> (PEFT's <c>alpha_pattern</c>).</summary>
    /// <value>Default none: all are of <see cref="LoraAlpha"/>.</value>
    [MinLength(1)]
    public IReadOnlyList<string>? LoraAlphaPattern { get; init; }

    /// <summary>Whether alpha is over the square root of the rank instead, so that a higher rank learns no slower (rsLoRA, PEFT's
    /// <c>use_rslora</c>). Kalajdzievski 2023, arXiv:2312.03732.</summary>
    /// <value>Default false.</value>
    public bool LoraRankStabilized { get; init; }

    /// <summary>The modules that learn as a whole beside the adapter, of <c>embed_tokens</c> and <c>lm_head</c>: each takes four times its
    /// size in float32, with its gradient and the optimizer's two moments (PEFT's <c>modules_to_save</c>). Not for a model whose embeddings are tied.</summary>
    /// <value>Default none.</value>
    [MinLength(1)]
    public IReadOnlyList<string>? ModulesToSave { get; init; }

    /// <summary>The share of its inputs that the adapter does not see while it learns.</summary>
    /// <value>Default 0.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double LoraDropout { get; init; }

    /// <summary>The projections that carry an adapter, of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj and down_proj.</summary>
    /// <value>Default none given: all seven.</value>
    [MinLength(1)]
    public IReadOnlyList<string>? TargetModules { get; init; }

    /// <summary>The form that prompts are given: <c>auto</c>, the model's own, by which a chat model was taught to answer
    /// (<c>chat_template.jinja</c>, or <c>chat_template</c> of <c>tokenizer_config.json</c>), and none where it has none; <c>none</c>, the
    /// prompt as it is; or a file that holds one. With a template, a prompt is what a user says. Templates are in Jinja, of which what
    /// those of Qwen and Llama use is known; they take 26 July 2024 for today, so that every day gives the same bits.</summary>
    /// <value>Default <c>auto</c>.</value>
    [Required]
    public string ChatTemplate { get; init; } = OwnChatTemplate;

    /// <summary>What the system says before the user, by the chat template.</summary>
    /// <value>Default none: what the template itself puts there.</value>
    public string? SystemPrompt { get; init; }

    /// <summary>Whether the model thinks before it answers, where its chat template asks for that (<c>enable_thinking</c>).</summary>
    /// <value>Default none: as the template has it.</value>
    public bool? Thinking { get; init; }

    /// <summary>The most tokens of a prompt that are read, its chat template included, which stays whole: of a longer prompt, the
    /// last.</summary>
    /// <value>Default 1024.</value>
    [Range(1, 1048576)]
    public int ContextLength { get; init; } = 1024;

    /// <summary>The most tokens of a free answer; it also ends at the model's end-of-text token, that of a random model at a newline,
    /// and at one of <see cref="StopStrings"/>.</summary>
    /// <value>Default 32.</value>
    [Range(1, 1048576)]
    public int MaxTokens { get; init; } = 32;

    /// <summary>Divides the scores of choices and the logits of free text: below 1 the policy is more decided, above 1 less. It is part
    /// of the policy, in playing and in learning.</summary>
    /// <value>Default 1.</value>
    [Range(0.01, 100.0)]
    public double Temperature { get; init; } = 1;

    /// <summary>Draws each token of free text from this many of the most likely ones; with 1, the most likely one is written. As
    /// <see cref="TopP"/> and <see cref="MinP"/>, which cut what is left of it in that order, it is part of the policy, in playing and
    /// in learning. Of a single token there is nothing to learn.</summary>
    /// <value>Default none: from all.</value>
    [Range(1, 16777216)]
    public int? TopK { get; init; }

    /// <summary>Draws each token of free text from the fewest of the most likely ones whose probabilities come to this. Without
    /// <see cref="TopK"/> all tokens are sorted for it.</summary>
    /// <value>Default 1: from all.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1;

    /// <summary>Draws each token of free text from those of at least this share of the most likely one's probability.</summary>
    /// <value>Default 0: from all.</value>
    [Range(0.0, 1.0)]
    public double MinP { get; init; }

    /// <summary>Texts that end a free answer: it ends before the first of them. What was drawn of them stays among the actions that the
    /// model learns from. Special tokens stand for no text, so none of them is found by its name.</summary>
    /// <value>Default none.</value>
    [MinLength(1)]
    public IReadOnlyList<string>? StopStrings { get; init; }

    /// <summary>Whether a choice's score is the mean log-probability of its tokens instead of the sum. The sum is the probability of the
    /// text itself, but a base that has not learned to write gives each token about 1/258, so the shortest choice would
    /// always win.</summary>
    /// <value>Default true.</value>
    public bool NormalizeChoiceLength { get; init; } = true;

    /// <summary>The optimizer's step size for this model; overrides the trainer's.</summary>
    /// <value>Default none: the trainer's.</value>
    [Range(0.0, 100.0)]
    public double? LearningRate { get; init; }

    /// <summary>Each step scales the adapter by 1 - step size · this.</summary>
    /// <value>Default 0.</value>
    [Range(0.0, 100.0)]
    public double WeightDecay { get; init; }

    /// <summary>How many distinct questions (or free answers) go through the network at once; more are taken one batch after the other,
    /// their gradients added up in a fixed order. Bounds the memory; free answers to learn from are fewer where their tokens times the
    /// vocabulary would come to more than 2^26.</summary>
    /// <value>Default 64.</value>
    [Range(1, 65536)]
    public int MicroBatchSize { get; init; } = 64;

    /// <summary>Whether each layer is computed once more on the way back, instead of remembered: learning then needs the memory of one
    /// layer rather than of all, and about a third more time. The gradients are the same to the bit.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Where to compute: <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <value>Default <c>cpu</c>.</value>
    public string Device { get; init; } = "cpu";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KeyValueHeads > 0 && Heads % KeyValueHeads != 0)
        {
            yield return new(
                $"Heads is {Heads}, which is no multiple of KeyValueHeads, {KeyValueHeads}: every key-value head serves equally many "
                + "heads.",
                [nameof(Heads), nameof(KeyValueHeads)]);
        }

        if (HeadDim % 2 != 0)
            yield return new($"HeadDim is {HeadDim} but must be even: positions turn pairs of its elements.", [nameof(HeadDim)]);

        foreach (var target in (TargetModules ?? []).Except(DecoderConfig.ProjectionNames))
        {
            yield return new(
                $"TargetModules names {target}, which is none of {string.Join(", ", DecoderConfig.ProjectionNames)}.",
                [nameof(TargetModules)]);
        }

        foreach (var module in (ModulesToSave ?? []).Except(LoraConfig.SavableModules))
            yield return new($"ModulesToSave names {module}, which is none of {string.Join(", ", LoraConfig.SavableModules)}.", [nameof(ModulesToSave)]);

        if (StopStrings?.Contains("") == true)
            yield return new("StopStrings holds an empty text, before which every answer would end.", [nameof(StopStrings)]);

        if (Type is not null && Path is null)
            yield return new("Type is for a pretrained model, and there is no Path to one.", [nameof(Type)]);
        if (Path is not null && OfRandomModels().Except(new TorchLoraOptions().OfRandomModels()).Select(option => option.Name).ToList() is { Count: > 0 } others)
        {
            yield return new(
                $"{string.Join(", ", others)} {(others.Count == 1 ? "is" : "are")} for a random model, and with Path the model's own config.json says what it is like: leave out one or the other.",
                [.. others]);
        }

        foreach (var problem in ModuleValue.Problems<int>(nameof(LoraRankPattern), LoraRankPattern, rank => rank is >= 1 and <= 4096, "q_proj=16, with a rank from 1 to 4096"))
            yield return problem;
        foreach (var problem in ModuleValue.Problems<double>(nameof(LoraAlphaPattern), LoraAlphaPattern, alpha => alpha is > 0 and <= 1e6, "q_proj=32, with an alpha above 0 and up to 1000000"))
            yield return problem;
        if (Adapter is not null && OfNewAdapters().Except(new TorchLoraOptions().OfNewAdapters()).Select(option => option.Name).ToList() is { Count: > 0 } own)
        {
            yield return new(
                $"{string.Join(", ", own)} {(own.Count == 1 ? "is" : "are")} for a new adapter, and with Adapter its own adapter_config.json says what it is like: leave out one or the other.",
                [.. own]);
        }

        if (!DevicePattern().IsMatch(Device))
            yield return new($"Device is {Device} but must be cpu, cuda or cuda: and a number.", [nameof(Device)]);
    }

    internal DecoderConfig Decoder(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = HiddenSize,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadDim = HeadDim,
        IntermediateSize = IntermediateSize,
        RopeTheta = 10_000, // Texts here are hundreds of tokens long, not tens of thousands.
    };

    internal LoraConfig Lora() => new()
    {
        Rank = LoraRank,
        Alpha = LoraAlpha,
        Dropout = LoraDropout,
        IsRankStabilized = LoraRankStabilized,
        RankPattern = [.. (LoraRankPattern ?? []).Select(ModuleValue.Parse<int>)],
        AlphaPattern = [.. (LoraAlphaPattern ?? []).Select(ModuleValue.Parse<double>)],
        SavedModules = [.. LoraConfig.SavableModules.Where(name => ModulesToSave?.Contains(name) == true)],
        TargetModules = [.. DecoderConfig.ProjectionNames.Where(name => TargetModules?.Contains(name) ?? true)],
    };

    internal Truncation Truncation() => new(TopK, TopP, MinP);

    private IEnumerable<(string Name, object? Value)> OfRandomModels() =>
    [
        (nameof(HiddenSize), HiddenSize), (nameof(Layers), Layers), (nameof(Heads), Heads), (nameof(KeyValueHeads), KeyValueHeads),
        (nameof(HeadDim), HeadDim), (nameof(IntermediateSize), IntermediateSize), (nameof(BaseSeed), BaseSeed),
    ];

    private IEnumerable<(string Name, object? Value)> OfNewAdapters() =>
    [
        (nameof(LoraRank), LoraRank), (nameof(LoraAlpha), LoraAlpha), (nameof(LoraDropout), LoraDropout), (nameof(TargetModules), TargetModules),
        (nameof(LoraRankPattern), LoraRankPattern), (nameof(LoraAlphaPattern), LoraAlphaPattern), (nameof(ModulesToSave), ModulesToSave), (nameof(LoraRankStabilized), LoraRankStabilized),
    ];

    [GeneratedRegex(@"^(cpu|cuda(:\d{1,3})?)$")]
    private static partial Regex DevicePattern();
}

namespace CoreSrl.Torch;

/// <summary>The shape of a decoder of the Qwen3, Qwen2 or Llama family in the terms of its <c>config.json</c>.</summary>
public sealed record DecoderConfig
{
    /// <summary><c>vocab_size</c>: the number of tokens, at least 1.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>hidden_size</c>: the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary><c>num_hidden_layers</c>.</summary>
    public required int Layers { get; init; }

    /// <summary><c>num_attention_heads</c>: query heads, a multiple of <see cref="KeyValueHeads"/>.</summary>
    public required int Heads { get; init; }

    /// <summary><c>num_key_value_heads</c>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary><c>head_dim</c>: the width of one head, even.</summary>
    public required int HeadDim { get; init; }

    /// <summary><c>intermediate_size</c>: the width inside the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>rope_theta</c>: the base of the rotary wavelengths.</summary>
    public double RopeTheta { get; init; } = 1e6;

    /// <summary><c>rope_scaling</c>: how the rotary wavelengths are stretched; null for not at all.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary><c>rms_norm_eps</c>.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary><c>tie_word_embeddings</c>: whether the output projection is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Whether queries and keys are normalised per head before they are turned, as in Qwen3.</summary>
    public bool HasQueryKeyNorm { get; init; } = true;

    /// <summary>The projections that add a bias: <c>attention_bias</c> and <c>mlp_bias</c>, or q, k and v in Qwen2.</summary>
    public IReadOnlyList<string> BiasedProjections { get; init; } = [];

    /// <summary>The names of the projections in each layer, in the order in which they are applied.</summary>
    public static IReadOnlyList<string> ProjectionNames { get; } =
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>The rows (outputs) and columns (inputs) of a projection's weight.</summary>
    /// <param name="projection">One of <see cref="ProjectionNames"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such projection.</exception>
    public (int Rows, int Columns) ShapeOf(string projection) => projection switch
    {
        "q_proj" => (Heads * HeadDim, HiddenSize),
        "k_proj" or "v_proj" => (KeyValueHeads * HeadDim, HiddenSize),
        "o_proj" => (HiddenSize, Heads * HeadDim),
        "gate_proj" or "up_proj" => (IntermediateSize, HiddenSize),
        "down_proj" => (HiddenSize, IntermediateSize),
        _ => throw new ArgumentOutOfRangeException(nameof(projection), projection, "not a projection of the decoder"),
    };

    /// <summary>The name of a projection within the model: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public static string NameOf(int layer, string projection) =>
        $"model.layers.{layer}.{(projection is "gate_proj" or "up_proj" or "down_proj" ? "mlp" : "self_attn")}.{projection}";
}

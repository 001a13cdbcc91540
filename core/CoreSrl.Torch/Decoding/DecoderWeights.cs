using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A decoder's weights by their Hugging Face names (<c>model.layers.0.self_attn.q_proj.weight</c>), float32. Owns them.</summary>
public sealed class DecoderWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _byName = [];
    private readonly List<string> _names = [];

    private DecoderWeights(DecoderConfig config) => Config = config;

    /// <summary>The decoder's shape.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The names, in a fixed order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] => _byName[name];

    /// <summary>
    /// Random weights: embeddings of unit variance, projections that keep the variance of their input (standard deviation
    /// 1/√inputs), norms of 1. The logits of an untrained decoder then vary by about 1, so its policy is neither flat nor decided.
    /// </summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="seed">Determines every value.</param>
    /// <param name="device">Where the weights lie.</param>
    /// <remarks>LeCun et al. 1998, "Efficient BackProp", section 4.6.</remarks>
    public static DecoderWeights Random(DecoderConfig config, ulong seed, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        Tensor Matrix(string name, long rows, long columns, double deviation) =>
            SeededFill.Normal([rows, columns], deviation, SeededFill.Derive(seed, name), device);

        return Create(
            config,
            (name, rows, columns) => Matrix(name, rows, columns, name == "model.embed_tokens.weight" ? 1 : 1 / Math.Sqrt(columns)),
            (_, width) => ones(width, float32, device));
    }

    /// <summary>Weights from elsewhere.</summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="matrix">Gives the float32 matrix of a name, with so many rows and columns; called once for each.</param>
    /// <param name="vector">Gives the float32 vector of a name and length (a norm's scale); called once for each.</param>
    public static DecoderWeights Create(
        DecoderConfig config, Func<string, long, long, Tensor> matrix, Func<string, long, Tensor> vector)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(vector);
        var weights = new DecoderWeights(config);
        weights.AddMatrix("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize, matrix);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}";
            weights.AddVector($"{prefix}.input_layernorm.weight", config.HiddenSize, vector);
            foreach (var projection in DecoderConfig.ProjectionNames)
            {
                var (rows, columns) = config.ShapeOf(projection);
                weights.AddMatrix($"{DecoderConfig.NameOf(layer, projection)}.weight", rows, columns, matrix);
            }

            weights.AddVector($"{prefix}.self_attn.q_norm.weight", config.HeadDim, vector);
            weights.AddVector($"{prefix}.self_attn.k_norm.weight", config.HeadDim, vector);
            weights.AddVector($"{prefix}.post_attention_layernorm.weight", config.HiddenSize, vector);
        }

        weights.AddVector("model.norm.weight", config.HiddenSize, vector);
        if (!config.TieWordEmbeddings)
            weights.AddMatrix("lm_head.weight", config.VocabularySize, config.HiddenSize, matrix);
        return weights;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _byName.Values)
            tensor.Dispose();
    }

    private void AddMatrix(string name, long rows, long columns, Func<string, long, long, Tensor> source) =>
        Add(name, source(name, rows, columns), [rows, columns]);

    private void AddVector(string name, long width, Func<string, long, Tensor> source) => Add(name, source(name, width), [width]);

    private void Add(string name, Tensor tensor, long[] shape)
    {
        if (!tensor.shape.SequenceEqual(shape) || tensor.dtype != float32)
        {
            throw new ArgumentException(
                $"{name} must be float32[{string.Join(", ", shape)}] but is {tensor.dtype}[{string.Join(", ", tensor.shape)}].");
        }

        _byName.Add(name, tensor.DetachFromDisposeScope());
        _names.Add(name);
    }
}

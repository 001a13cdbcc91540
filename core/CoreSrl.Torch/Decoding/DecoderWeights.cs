using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A decoder's weights by their Hugging Face names (<c>model.layers.0.self_attn.q_proj.weight</c>), float32 or bfloat16. Owns
/// them.</summary>
public sealed class DecoderWeights : IDisposable
{
    internal const string Embedding = "model.embed_tokens.weight";

    private readonly Dictionary<string, Tensor> _byName = [];
    private readonly List<string> _names = [];

    private DecoderWeights(DecoderConfig config) => Config = config;

    /// <summary>The decoder's shape.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The type that the decoder computes in: float32 or bfloat16.</summary>
    public ScalarType Type => _byName[Embedding].dtype;

    /// <summary>Where they lie.</summary>
    public Device Device => _byName[Embedding].device;

    /// <summary>The names, in a fixed order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] => _byName[name];

    /// <summary>
    /// Random weights: embeddings of unit variance, projections that keep the variance of their input (standard deviation
    /// 1/√inputs) and begin without a bias, norms of 1. The logits of an untrained decoder then vary by about 1, so its policy is neither
    /// flat nor decided.
    /// </summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="seed">Determines every value.</param>
    /// <param name="device">Where the weights lie.</param>
    /// <remarks>LeCun et al. 1998, "Efficient BackProp", section 4.6.</remarks>
    public static DecoderWeights Random(DecoderConfig config, ulong seed, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        Tensor Fill(string name, long[] shape) => shape switch
        {
            [var width] => name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(width, float32, device) : ones(width, float32, device),
            [_, var columns] => SeededFill.Normal(
                shape, name == Embedding ? 1 : 1 / Math.Sqrt(columns), SeededFill.Derive(seed, name), device),
            _ => throw new InvalidOperationException($"{name} is neither a vector nor a matrix."),
        };

        return Create(config, Shapes(config).Select(shape => (shape.Name, Fill(shape.Name, shape.Shape))));
    }

    /// <summary>Weights from elsewhere.</summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="tensors">The tensors of <see cref="Shapes"/>, in that order, all float32 or all bfloat16; they become this
    /// object's.</param>
    /// <exception cref="ArgumentException">They are not these tensors.</exception>
    public static DecoderWeights Create(DecoderConfig config, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var weights = new DecoderWeights(config);
        foreach (var ((wanted, shape), (name, tensor)) in Shapes(config).Zip(tensors))
        {
            if (name != wanted || !tensor.shape.SequenceEqual(shape) || tensor.dtype is not (ScalarType.Float32 or ScalarType.BFloat16)
                || (weights._names.Count > 0 && tensor.dtype != weights.Type))
            {
                throw new ArgumentException(
                    $"{wanted}[{string.Join(", ", shape)}], float32 or bfloat16 as all the others, was expected instead of {name}[{string.Join(", ", tensor.shape)}], {tensor.dtype}.",
                    nameof(tensors));
            }

            weights._byName.Add(name, tensor.DetachFromDisposeScope());
            weights._names.Add(name);
        }

        return weights._names.Count == Shapes(config).Count ? weights : throw new ArgumentException($"{Shapes(config)[weights._names.Count].Name} is missing.", nameof(tensors));
    }

    /// <summary>The names and shapes of a decoder's weights, in a fixed order.</summary>
    /// <param name="config">The decoder's shape.</param>
    public static IReadOnlyList<(string Name, long[] Shape)> Shapes(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var shapes = new List<(string Name, long[] Shape)> { (Embedding, [config.VocabularySize, config.HiddenSize]) };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}";
            shapes.Add(($"{prefix}.input_layernorm.weight", [config.HiddenSize]));
            foreach (var projection in DecoderConfig.ProjectionNames)
            {
                var (rows, columns) = config.ShapeOf(projection);
                shapes.Add(($"{DecoderConfig.NameOf(layer, projection)}.weight", [rows, columns]));
                if (config.BiasedProjections.Contains(projection))
                    shapes.Add(($"{DecoderConfig.NameOf(layer, projection)}.bias", [rows]));
            }

            if (config.HasQueryKeyNorm)
            {
                shapes.Add(($"{prefix}.self_attn.q_norm.weight", [config.HeadDim]));
                shapes.Add(($"{prefix}.self_attn.k_norm.weight", [config.HeadDim]));
            }

            shapes.Add(($"{prefix}.post_attention_layernorm.weight", [config.HiddenSize]));
        }

        shapes.Add(("model.norm.weight", [config.HiddenSize]));
        if (!config.TieWordEmbeddings)
            shapes.Add(("lm_head.weight", [config.VocabularySize, config.HiddenSize]));
        return shapes;
    }

    /// <summary>The weights with an adapter merged into them, W + (α/r) B A: a decoder of these computes the same without one. These
    /// here stay as they are, to the bit, so to unmerge is to dispose of the others. What the adapter does not change is shared.</summary>
    /// <param name="adapter">An adapter of these weights.</param>
    /// <remarks>Hu et al. 2021, "LoRA", arXiv:2106.09685, section 4.1 ("No Additional Inference Latency"). Taking the product off again
    /// would leave rounding behind, in bfloat16 plenty.</remarks>
    public DecoderWeights Merge(LoraAdapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        var merged = new Dictionary<string, Tensor>();
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            foreach (var projection in DecoderConfig.ProjectionNames)
            {
                var name = $"{DecoderConfig.NameOf(layer, projection)}.weight";
                if (adapter.Merge(layer, projection, _byName[name]) is { } sum)
                    merged.Add(name, sum);
            }
        }

        foreach (var module in LoraConfig.SavableModules)
        {
            if (adapter.Saved(module) is { } saved)
                merged.Add(LoraAdapter.WeightOf(module), saved.detach().to(Type, copy: true));
        }

        return Create(Config, _names.Select(name => (name, merged.GetValueOrDefault(name) ?? _byName[name].alias())));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _byName.Values)
            tensor.Dispose();
    }
}

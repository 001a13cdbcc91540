using CoreSrl.Formats.Peft;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// The matrices A and B of every adapted projection, named as PEFT names them
/// (<c>base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight</c>), and the weights of modules that learn as a whole
/// (<c>base_model.model.lm_head.weight</c>); float32, with their gradients.
/// </summary>
/// <remarks>A starts uniform in ±√(1/inputs), which is Kaiming's bound at the slope √5 that PEFT uses, B at 0, so that the adapted
/// model starts as the base model. He et al. 2015, "Delving Deep into Rectifiers", arXiv:1502.01852.</remarks>
public sealed class LoraAdapter : IDisposable
{
    private const string Prefix = "base_model.model.";

    private readonly Dictionary<string, LoraModule> _modules;

    /// <summary>Creates the adapter in its initial state.</summary>
    /// <param name="config">The adapter's shape.</param>
    /// <param name="weights">The weights of the decoder that carries it.</param>
    /// <param name="seed">Determines every value that is not the base's.</param>
    /// <exception cref="ArgumentException">A module that is to learn as a whole cannot.</exception>
    public LoraAdapter(LoraConfig config, DecoderWeights weights, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        if (config.ProblemWith(weights.Config) is { } problem)
            throw new ArgumentException($"modules_to_save {problem}."); // Users read it: no parameter's name.
        Config = config;
        var modules = config.ModulesOf(weights.Config);
        var shapes = Shapes(config, modules, weights.Config);
        _modules = modules.ToDictionary(module => module.Name);
        Parameters = new FlatParameters(shapes, weights.Device);
        try
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            foreach (var (name, shape) in shapes.Where(entry => entry.Name.EndsWith("lora_A.weight", StringComparison.Ordinal)))
                Parameters[name].copy_(SeededFill.Uniform(shape, 1 / Math.Sqrt(shape[1]), SeededFill.Derive(seed, name), weights.Device));
            foreach (var name in config.SavedModules.Select(WeightOf))
                Parameters[Prefix + name].copy_(weights[name]);
        }
        catch
        {
            Parameters.Dispose();
            throw;
        }
    }

    /// <summary>The adapter's shape.</summary>
    public LoraConfig Config { get; }

    /// <summary>The matrices, layer by layer, A before B; then the modules that learn as a whole.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>A projection with its adapter, if it carries one.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="projection">One of <see cref="DecoderConfig.ProjectionNames"/>.</param>
    /// <param name="weight">The projection's frozen weight.</param>
    /// <param name="bias">The projection's frozen bias, if it has one.</param>
    public LoraLinear Adapt(int layer, string projection, Tensor weight, Tensor? bias = null) =>
        _modules.TryGetValue(DecoderConfig.NameOf(layer, projection), out var module)
            ? new LoraLinear(weight, Parameters[NameOf(module, 'A')], Parameters[NameOf(module, 'B')], module.Scale, Config.Dropout, bias)
            : new LoraLinear(weight, bias);

    /// <summary>The weight of a module that learns as a whole, float32; null where the base's counts.</summary>
    /// <param name="module">One of <see cref="LoraConfig.SavableModules"/>.</param>
    public Tensor? Saved(string module) => Config.SavedModules.Contains(module) ? Parameters[Prefix + WeightOf(module)] : null;

    /// <summary>What the adapter makes of the weight of a projection: W + (α/r) B A, in W's type. The caller owns it.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="projection">One of <see cref="DecoderConfig.ProjectionNames"/>.</param>
    /// <param name="weight">W.</param>
    /// <returns>The sum; null for a projection without an adapter.</returns>
    internal Tensor? Merge(int layer, string projection, Tensor weight)
    {
        if (!_modules.TryGetValue(DecoderConfig.NameOf(layer, projection), out var module))
            return null;
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        return addmm(weight.to(float32), Parameters[NameOf(module, 'B')], Parameters[NameOf(module, 'A')], 1, (float)module.Scale).to(weight.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    /// <summary>The names and shapes of the matrices, layer by layer, A before B; then those of the modules that learn as a whole.</summary>
    internal static IReadOnlyList<(string Name, long[] Shape)> Shapes(LoraConfig config, DecoderConfig decoder) => Shapes(config, config.ModulesOf(decoder), decoder);

    /// <summary>The base's weight that a module which learns as a whole stands for.</summary>
    internal static string WeightOf(string savedModule) => savedModule == "lm_head" ? "lm_head.weight" : DecoderWeights.Embedding;

    private static List<(string Name, long[] Shape)> Shapes(LoraConfig config, IReadOnlyList<LoraModule> modules, DecoderConfig decoder)
    {
        var shapes = new List<(string Name, long[] Shape)>();
        foreach (var module in modules)
        {
            var (rows, columns) = decoder.ShapeOf(module.Name[(module.Name.LastIndexOf('.') + 1)..]);
            shapes.Add((NameOf(module, 'A'), [module.Rank, columns]));
            shapes.Add((NameOf(module, 'B'), [rows, module.Rank]));
        }

        shapes.AddRange(config.SavedModules.Select(module => (Prefix + WeightOf(module), (long[])[decoder.VocabularySize, decoder.HiddenSize])));
        return shapes;
    }

    private static string NameOf(LoraModule module, char matrix) => $"{Prefix}{module.Name}.lora_{matrix}.weight";

}

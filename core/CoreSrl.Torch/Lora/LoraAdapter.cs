using CoreSrl.Formats.Peft;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// The matrices A and B of every adapted projection, named as PEFT names them
/// (<c>base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight</c>), float32, with their gradients.
/// </summary>
/// <remarks>A starts uniform in ±√(1/inputs), which is Kaiming's bound at the slope √5 that PEFT uses, B at 0, so that the adapted
/// model starts as the base model. He et al. 2015, "Delving Deep into Rectifiers", arXiv:1502.01852.</remarks>
public sealed class LoraAdapter : IDisposable
{
    private readonly Dictionary<string, LoraModule> _modules;

    /// <summary>Creates the adapter in its initial state.</summary>
    /// <param name="config">The adapter's shape.</param>
    /// <param name="decoder">The shape of the decoder that carries it.</param>
    /// <param name="seed">Determines every value.</param>
    /// <param name="device">Where the decoder's weights lie.</param>
    public LoraAdapter(LoraConfig config, DecoderConfig decoder, ulong seed, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(decoder);
        Config = config;
        var modules = config.ModulesOf(decoder);
        var shapes = Shapes(modules, decoder);
        _modules = modules.ToDictionary(module => module.Name);
        Parameters = new FlatParameters(shapes, device);
        try
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            foreach (var (name, shape) in shapes.Where(entry => entry.Name.EndsWith("lora_A.weight", StringComparison.Ordinal)))
                Parameters[name].copy_(SeededFill.Uniform(shape, 1 / Math.Sqrt(shape[1]), SeededFill.Derive(seed, name), device));
        }
        catch
        {
            Parameters.Dispose();
            throw;
        }
    }

    /// <summary>The adapter's shape.</summary>
    public LoraConfig Config { get; }

    /// <summary>The matrices, layer by layer, A before B.</summary>
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

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    /// <summary>The names and shapes of the matrices, layer by layer, A before B.</summary>
    internal static IReadOnlyList<(string Name, long[] Shape)> Shapes(LoraConfig config, DecoderConfig decoder) => Shapes(config.ModulesOf(decoder), decoder);

    private static List<(string Name, long[] Shape)> Shapes(IReadOnlyList<LoraModule> modules, DecoderConfig decoder)
    {
        var shapes = new List<(string Name, long[] Shape)>();
        foreach (var module in modules)
        {
            var (rows, columns) = decoder.ShapeOf(module.Name[(module.Name.LastIndexOf('.') + 1)..]);
            shapes.Add((NameOf(module, 'A'), [module.Rank, columns]));
            shapes.Add((NameOf(module, 'B'), [rows, module.Rank]));
        }

        return shapes;
    }

    private static string NameOf(LoraModule module, char matrix) => $"base_model.model.{module.Name}.lora_{matrix}.weight";
}

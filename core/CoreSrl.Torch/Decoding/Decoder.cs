using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CoreSrl.Torch;

/// <summary>A decoder-only transformer of the Qwen3, Qwen2 or Llama family, with or without a LoRA adapter.</summary>
/// <remarks>Borrows its weights and adapter. Call it within a dispose scope: it leaves its intermediate tensors to that.</remarks>
public sealed class Decoder : IDisposable
{
    private readonly Tensor _embedding;
    private readonly Tensor _head;
    private readonly RmsNorm _norm;
    private readonly RotaryEmbedding _rotary;
    private readonly DecoderLayer[] _layers;

    /// <summary>Puts a decoder together.</summary>
    /// <param name="weights">The frozen weights.</param>
    /// <param name="adapter">What training changes; null for the base model alone.</param>
    public Decoder(DecoderWeights weights, LoraAdapter? adapter = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Config = weights.Config;
        Type = weights.Type;
        _embedding = adapter?.Saved("embed_tokens") ?? weights[DecoderWeights.Embedding];
        _head = Config.TieWordEmbeddings ? _embedding : adapter?.Saved("lm_head") ?? weights["lm_head.weight"];
        _norm = new RmsNorm(weights["model.norm.weight"], Config.RmsNormEpsilon);
        _rotary = new RotaryEmbedding(Config.HeadDim, Config.RopeTheta, _embedding.device, Config.RopeScaling);
        _layers = new DecoderLayer[Config.Layers];
        for (var i = 0; i < _layers.Length; i++)
        {
            var layer = i;
            LoraLinear Projection(string name)
            {
                var module = DecoderConfig.NameOf(layer, name);
                var weight = weights[$"{module}.weight"];
                var bias = Config.BiasedProjections.Contains(name) ? weights[$"{module}.bias"] : null;
                return adapter is null ? new LoraLinear(weight, bias) : adapter.Adapt(layer, name, weight, bias);
            }

            _layers[i] = new DecoderLayer(weights, layer, Projection);
        }
    }

    /// <summary>The decoder's shape.</summary>
    public DecoderConfig Config { get; }

    /// <summary>The type that it computes in, and a cache must be of.</summary>
    public ScalarType Type { get; }

    /// <summary>Where the weights lie, and the arguments must.</summary>
    public Device Device => _embedding.device;

    /// <summary>The residual stream after the last layer, [B·T, hidden], or some rows of it; <see cref="Logits"/> goes on from
    /// there.</summary>
    /// <param name="tokens">int64[B, T].</param>
    /// <param name="positions">Each token's place in its text, from 0: int64[B, T].</param>
    /// <param name="mask">What each token may attend to, added to the scores: 0 or -∞, float32[B, 1, T, columns], where the columns are
    /// the cache's and then this pass's. Null for plain causal attention, which needs an empty cache.</param>
    /// <param name="cache">Keys and values of earlier passes, to which this one adds; null for none.</param>
    /// <param name="dropout">Draws what LoRA drops; null drops nothing.</param>
    /// <param name="rows">Which rows are wanted, int64[N]: the last layer computes no more than it needs for them. Null for all.</param>
    /// <param name="tape">Goes back through the layers with less memory; it needs a pass without cache. Null for autograd's way.</param>
    public Tensor Forward(
        Tensor tokens, Tensor positions, Tensor? mask = null, KeyValueCache? cache = null, Generator? dropout = null, Tensor? rows = null, LayerTape? tape = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (mask is null && cache is { Length: > 0 })
            throw new ArgumentException("Plain causal attention does not know a cache's columns: pass a mask.", nameof(mask));
        var pass = new DecoderPass(tokens.shape[0], tokens.shape[1], _rotary.At(positions, Type), mask?.to(Type), cache, dropout);
        var x = _embedding.index_select(0, tokens.reshape(-1)).to(Type);
        foreach (var layer in _layers)
        {
            Tensor Through(Tensor input) => layer.Forward(input, pass, layer == _layers[^1] ? rows : null);
            x = tape is null ? Through(x) : tape.Run(Through, x, dropout);
        }

        cache?.Advance(pass.Length);
        return tape is null ? x : tape.End(x);
    }

    /// <summary>The logits of the token after each row of the residual stream: [N, hidden] to float32[N, vocabulary].</summary>
    public Tensor Logits(Tensor rows) => functional.linear(_norm.Forward(rows), _head.to(Type)).to(float32);

    /// <inheritdoc/>
    public void Dispose() => _rotary.Dispose();
}

using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>One layer: attention, then the feed-forward network, each on normalised input and added to the residual stream.</summary>
internal sealed class DecoderLayer(DecoderWeights weights, int layer, Func<string, LoraLinear> projection)
{
    private readonly RmsNorm _attentionNorm =
        new(weights[$"model.layers.{layer}.input_layernorm.weight"], weights.Config.RmsNormEpsilon);
    private readonly RmsNorm _feedForwardNorm =
        new(weights[$"model.layers.{layer}.post_attention_layernorm.weight"], weights.Config.RmsNormEpsilon);
    private readonly Attention _attention = new(weights, layer, projection);
    private readonly FeedForward _feedForward = new(projection);

    /// <summary>Maps [B·T, hidden] to the same shape, or to those rows of it that are wanted.</summary>
    public Tensor Forward(Tensor x, DecoderPass pass, Tensor? rows)
    {
        var attended = _attention.Forward(_attentionNorm.Forward(x), pass, rows);
        x = (rows is null ? x : x.index_select(0, rows)).add(attended, Number.One);
        return x.add(_feedForward.Forward(_feedForwardNorm.Forward(x), pass.Dropout), Number.One);
    }
}

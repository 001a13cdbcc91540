using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CoreSrl.Torch;

/// <summary>Self-attention with grouped queries; in Qwen3 queries and keys are normalised per head.</summary>
/// <remarks>Ainslie et al. 2023, "GQA", arXiv:2305.13245; Qwen3 Technical Report 2025, arXiv:2505.09388, section 2.</remarks>
internal sealed class Attention
{
    private readonly DecoderConfig _config;
    private readonly int _layer;
    private readonly LoraLinear _query;
    private readonly LoraLinear _key;
    private readonly LoraLinear _value;
    private readonly LoraLinear _output;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;

    public Attention(DecoderWeights weights, int layer, Func<string, LoraLinear> projection)
    {
        _config = weights.Config;
        _layer = layer;
        _query = projection("q_proj");
        _key = projection("k_proj");
        _value = projection("v_proj");
        _output = projection("o_proj");
        if (!_config.HasQueryKeyNorm)
            return;
        _queryNorm = new RmsNorm(weights[$"model.layers.{layer}.self_attn.q_norm.weight"], _config.RmsNormEpsilon);
        _keyNorm = new RmsNorm(weights[$"model.layers.{layer}.self_attn.k_norm.weight"], _config.RmsNormEpsilon);
    }

    /// <summary>Maps [B·T, hidden] to the same shape, or to those rows of it that are wanted.</summary>
    public Tensor Forward(Tensor x, DecoderPass pass, Tensor? rows)
    {
        var (batch, length, heads, groups, width) =
            (pass.Batch, pass.Length, _config.Heads, _config.KeyValueHeads, (long)_config.HeadDim);
        var query = Normalise(_queryNorm, _query.Forward(x, pass.Dropout).view(batch, length, heads, width));
        var key = Normalise(_keyNorm, _key.Forward(x, pass.Dropout).view(batch, length, groups, width));
        var value = _value.Forward(x, pass.Dropout).view(batch, length, groups, width).transpose(1, 2);
        query = RotaryEmbedding.Rotate(query, pass.Angles);
        key = RotaryEmbedding.Rotate(key, pass.Angles).transpose(1, 2);
        if (pass.Cache is not null)
            (key, value) = pass.Cache.Append(_layer, key, value);

        Tensor mixed;
        if (length == 1 && pass.Mask is not null)
        {
            // The queries of one token that share keys attend to them as if they were tokens: nothing is repeated.
            mixed = functional.scaled_dot_product_attention(query.view(batch, groups, heads / groups, width), key, value, pass.Mask).reshape(batch, heads * width);
        }
        else
        {
            mixed = functional.scaled_dot_product_attention(query.transpose(1, 2), Repeat(key), Repeat(value), pass.Mask, is_casual: pass.Mask is null)
                .transpose(1, 2).reshape(batch * length, heads * width);
        }

        return _output.Forward(rows is null ? mixed : mixed.index_select(0, rows), pass.Dropout);
    }

    private static Tensor Normalise(RmsNorm? norm, Tensor heads) => norm is null ? heads : norm.Forward(heads);

    // Each key-value head serves a run of neighbouring query heads.
    private Tensor Repeat(Tensor heads)
    {
        var share = _config.Heads / _config.KeyValueHeads;
        if (share == 1)
            return heads;
        var (batch, groups, columns, width) = (heads.shape[0], heads.shape[1], heads.shape[2], heads.shape[3]);
        return heads.unsqueeze(2).expand(batch, groups, share, columns, width).reshape(batch, groups * share, columns, width);
    }
}

using System.Collections.Immutable;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>What a <c>config.json</c> says of a model.</summary>
/// <param name="Family"><c>model_type</c>: qwen3, qwen2 or llama.</param>
/// <param name="Decoder">The decoder's shape.</param>
/// <param name="Type">The type in which the weights were made, float32 or bfloat16.</param>
/// <param name="EndTokens"><c>eos_token_id</c>: the tokens that end a text; empty when it does not say.</param>
internal sealed record HuggingFaceDescription(string Family, DecoderConfig Decoder, ScalarType Type, ImmutableArray<int> EndTokens);

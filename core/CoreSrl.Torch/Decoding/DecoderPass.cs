using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>What every layer of one forward pass shares.</summary>
/// <param name="Batch">The number of sequences, B.</param>
/// <param name="Length">The tokens of each in this pass, padding included, T.</param>
/// <param name="Angles">The rotary cosines and sines of their positions, each [B, T, 1, d].</param>
/// <param name="Mask">What may be attended to, added to the scores: 0 or -∞, float32[B, 1, T, columns]; null for plain causal.</param>
/// <param name="Cache">The earlier tokens' keys and values; null when there are none.</param>
/// <param name="Dropout">Draws what LoRA drops; null drops nothing.</param>
internal sealed record DecoderPass(
    long Batch, long Length, (Tensor Cosine, Tensor Sine) Angles, Tensor? Mask, KeyValueCache? Cache, Generator? Dropout);

using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>How answers go through the network to be learned from.</summary>
/// <param name="Dropout">Draws what LoRA drops; null drops nothing.</param>
/// <param name="Tape">Goes back through the layers with less memory; null for autograd's way.</param>
/// <param name="EntropyLearns">Whether the entropy carries a gradient, which takes the memory of two more distributions.</param>
internal sealed record LearningPass(Generator? Dropout = null, LayerTape? Tape = null, bool EntropyLearns = false);

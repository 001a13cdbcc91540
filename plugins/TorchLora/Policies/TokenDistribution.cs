using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>What tokens are drawn from.</summary>
/// <param name="Temperature">Divides the logits.</param>
/// <param name="Truncation">Leaves the likelier tokens.</param>
internal sealed record TokenDistribution(double Temperature, Truncation Truncation)
{
    /// <summary>The log-probability of every token, row by row.</summary>
    /// <param name="logits">float32[N, vocabulary].</param>
    public float[] Of(Tensor logits) => Truncation.Apply(logits.div(Number.Of(Temperature)).log_softmax(-1)).cpu().data<float>().ToArray();
}

using System.Runtime.InteropServices;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>What tokens are drawn from.</summary>
/// <param name="Temperature">Divides the logits.</param>
/// <param name="Truncation">Leaves the likelier tokens.</param>
internal sealed record TokenDistribution(double Temperature, Truncation Truncation)
{
    /// <summary>Appends a token to each answer that has not ended, drawn by its row of logits.</summary>
    /// <param name="logits">float32[answers, vocabulary].</param>
    /// <param name="answers">The answers, in the order of the rows.</param>
    public void Append(Tensor logits, IReadOnlyList<Answer> answers)
    {
        using var scope = NewDisposeScope();
        var scaled = Temperature == 1 ? logits : logits.div(Number.Of(Temperature));
        var policy = Truncation.Apply(scaled.log_softmax(-1)).cpu();
        var vocabulary = (int)policy.shape[1];
        // Read where they lie: a step's are tens of megabytes.
        var values = MemoryMarshal.Cast<byte, float>(policy.bytes);
        for (var i = 0; i < answers.Count; i++)
            answers[i].Append(values.Slice(i * vocabulary, vocabulary));
    }
}

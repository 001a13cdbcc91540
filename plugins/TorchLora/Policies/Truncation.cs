using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>
/// Leaves the likelier tokens of a distribution, and the others out of it. Three cuts, each of what the one before left: the k most
/// likely tokens; the fewest of the most likely ones whose probabilities come to P (the nucleus); those of at least m times the most
/// likely one's probability. Tokens as likely as the last one that stays all stay.
/// </summary>
/// <remarks>
/// Top-k: Fan et al. 2018, "Hierarchical Neural Story Generation", arXiv:1805.04833, section 5.1. Nucleus: Holtzman et al. 2019, "The
/// Curious Case of Neural Text Degeneration", arXiv:1904.09751, section 3.1. Min-p: Nguyen et al. 2024, "Turning Up the Heat: Min-p
/// Sampling for Creative and Coherent LLM Outputs", arXiv:2407.01082, section 3.
/// <para>What is cut is part of the policy: the probabilities recorded in playing are those of the cut distribution, from which the
/// tokens were drawn, and learning cuts in the same way, so that the ratio of the two is 1 for a model that has not changed, and the
/// gradient is that of the policy which plays. With the whole distribution's probabilities it would be that of another one
/// (DeepSeek-AI 2025, "DeepSeek-V3.2", arXiv:2512.02556, section 3.1, "Keep Sampling Mask"). Learning cuts by the present weights, and
/// never the token that was taken: as weights change it may come to lie beyond the cut, and must neither have the probability 0 nor
/// be out of reach of the gradient for good.</para>
/// </remarks>
internal sealed record Truncation(int? TopK, double TopP, double MinP)
{
    // Finite, so that 0 · log 0 is 0, and far below any logarithm of a probability.
    private const double Absent = -1e9;

    /// <summary>The logarithms of the probabilities that are left, which again come to 1.</summary>
    /// <param name="logProbabilities">Of every token: float32[N, vocabulary].</param>
    /// <param name="taken">A token of each row that stays in any case, int64[N, 1]; null for none.</param>
    public Tensor Apply(Tensor logProbabilities, Tensor? taken = null) =>
        TopK is null && TopP == 1 && MinP == 0
            ? logProbabilities
            : logProbabilities.masked_fill(Cut(logProbabilities.detach(), taken), Number.Of(Absent)).log_softmax(-1);

    // bool[N, vocabulary]; false where a number is none, so that it is told and not cut away.
    private Tensor Cut(Tensor logProbabilities, Tensor? taken)
    {
        using var scope = NewDisposeScope();
        var cut = logProbabilities.lt(Least(logProbabilities));
        return (taken is null ? cut : cut.scatter(1, taken, zeros_like(taken, ScalarType.Bool))).MoveToOuterDisposeScope();
    }

    // The least that stays: float32[N, 1].
    private Tensor Least(Tensor logProbabilities)
    {
        var vocabulary = logProbabilities.shape[1];
        // Sorted as far as need be.
        var count = Math.Min(TopK ?? (TopP < 1 ? vocabulary : 1), vocabulary);
        var (sorted, _) = logProbabilities.topk((int)count, -1);
        var least = TopK is null ? sorted.new_full(sorted.shape[0], 1, Number.Of(double.NegativeInfinity)) : sorted.narrow(1, count - 1, 1);
        if (TopP < 1)
        {
            // A token is of the nucleus when those before it do not come to P yet.
            var probabilities = sorted.softmax(-1);
            var before = probabilities.cumsum(-1).sub(probabilities);
            least = sorted.masked_fill(before.ge(Number.Of(TopP)), Number.Of(double.PositiveInfinity)).amin([-1], keepdim: true);
        }

        return MinP == 0 ? least : least.maximum(sorted.narrow(1, 0, 1).sub(Number.Of(-Math.Log(MinP))));
    }
}

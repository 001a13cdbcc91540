using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>How the decoder's log-probabilities become a distribution over answers of one sort.</summary>
internal interface IPolicy
{
    /// <summary>Answers each request, in order; each from its own seed.</summary>
    IReadOnlyList<ModelResponse> Act(IReadOnlyList<ModelRequest> requests);

    /// <summary>Parts of a batch that are small enough to go through the network at once, in a fixed order.</summary>
    IEnumerable<IReadOnlyList<Experience>> MicroBatches(IEnumerable<Experience> experiences);

    /// <summary>The most actions of an answer.</summary>
    int LongestAnswer { get; }

    /// <summary>The log-probability of every recorded action and the entropy of the distribution it is drawn from, under the present
    /// weights: each float32[M], in the order of the experiences and of their actions.</summary>
    (Tensor LogProbability, Tensor Entropy) Evaluate(IReadOnlyList<Experience> experiences, LearningPass pass);
}

using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>The probabilities of a batch's actions under the base model, the adapter off. The base does not learn, so they are computed in
/// the first pass over a batch and kept for the others.</summary>
internal sealed class BaseProbabilities(PolicyPair policies)
{
    private readonly Dictionary<int, float[]> _known = [];
    private LearningBatch? _batch;

    /// <summary>A pass over a batch begins; what is known of another is forgotten.</summary>
    public void Begin(LearningBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
            _known.Clear();
        _batch = batch;
    }

    /// <summary>The log-probability of every action.</summary>
    /// <param name="part">Which part of the batch it is, from 0.</param>
    /// <param name="experiences">The part.</param>
    public float[] Of(int part, IReadOnlyList<Experience> experiences)
    {
        if (_known.TryGetValue(part, out var known))
            return known;
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var (logProbability, _) = policies.For(experiences[0].Observation).Evaluate(experiences, new());
        return _known[part] = logProbability.cpu().data<float>().ToArray();
    }
}

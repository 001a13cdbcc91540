using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Drawing from a distribution given by log-probabilities.</summary>
internal static class Sampling
{
    /// <summary>Draws an index by inverting the cumulative distribution at one uniform number, so that a draw depends on its own seed
    /// alone.</summary>
    /// <exception cref="NonFiniteException">A log-probability is NaN.</exception>
    public static int Draw(ReadOnlySpan<float> logProbabilities, ref SeededRandom random)
    {
        // Rounding leaves the sum a little off 1.
        var total = 0.0;
        foreach (var logProbability in logProbabilities)
            total += Math.Exp(logProbability);
        if (!double.IsFinite(total))
            throw new NonFiniteException("a probability");

        var target = random.NextDouble() * total;
        var last = 0;
        for (var i = 0; i < logProbabilities.Length; i++)
        {
            var probability = Math.Exp(logProbabilities[i]);
            if (probability == 0)
                continue;
            last = i;
            target -= probability;
            if (target < 0)
                break;
        }

        return last;
    }

    /// <summary>-Σ p log p, in nats.</summary>
    public static double Entropy(ReadOnlySpan<float> logProbabilities)
    {
        var entropy = 0.0;
        foreach (var logProbability in logProbabilities)
            entropy -= Math.Exp(logProbability) * logProbability;
        return entropy;
    }
}

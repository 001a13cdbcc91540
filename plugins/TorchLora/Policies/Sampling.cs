using System.Buffers;
using System.Numerics.Tensors;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Drawing from a distribution given by log-probabilities.</summary>
internal static class Sampling
{
    // What is added up in float32 before it goes on in float64: vocabularies are long.
    private const int Block = 1024;

    /// <summary>Draws an index by inverting the cumulative distribution at one uniform number, so that a draw depends on its own seed
    /// alone.</summary>
    /// <exception cref="NonFiniteException">A log-probability is NaN.</exception>
    public static int Draw(ReadOnlySpan<float> logProbabilities, ref SeededRandom random)
    {
        var rented = ArrayPool<float>.Shared.Rent(logProbabilities.Length);
        try
        {
            var probabilities = rented.AsSpan(0, logProbabilities.Length);
            TensorPrimitives.Exp(logProbabilities, probabilities);
            return Invert(probabilities, random.NextDouble());
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>-Σ p log p, in nats.</summary>
    public static double Entropy(ReadOnlySpan<float> logProbabilities)
    {
        Span<float> probabilities = stackalloc float[Block];
        var entropy = 0.0;
        for (var start = 0; start < logProbabilities.Length; start += Block)
        {
            var block = logProbabilities.Slice(start, Math.Min(Block, logProbabilities.Length - start));
            TensorPrimitives.Exp(block, probabilities);
            entropy -= TensorPrimitives.Dot(probabilities[..block.Length], block);
        }

        return entropy;
    }

    private static int Invert(ReadOnlySpan<float> probabilities, double uniform)
    {
        // Rounding leaves the sum a little off 1.
        var total = 0.0;
        for (var start = 0; start < probabilities.Length; start += Block)
            total += SumFrom(probabilities, start);
        if (!double.IsFinite(total))
            throw new NonFiniteException("a probability");

        var target = uniform * total;
        var last = 0;
        for (var start = 0; start < probabilities.Length; start += Block)
        {
            var sum = SumFrom(probabilities, start);
            if (sum == 0)
                continue;
            if (target < sum || start + Block >= probabilities.Length)
                return InvertBlock(probabilities, start, target, last);
            target -= sum;
            last = LastOf(probabilities, start);
        }

        return last;
    }

    private static int InvertBlock(ReadOnlySpan<float> probabilities, int start, double target, int last)
    {
        for (var i = start; i < Math.Min(start + Block, probabilities.Length); i++)
        {
            if (probabilities[i] == 0)
                continue;
            last = i;
            target -= probabilities[i];
            if (target < 0)
                break;
        }

        return last;
    }

    private static int LastOf(ReadOnlySpan<float> probabilities, int start) =>
        start + probabilities.Slice(start, Math.Min(Block, probabilities.Length - start)).LastIndexOfAnyExcept(0f);

    private static double SumFrom(ReadOnlySpan<float> probabilities, int start) =>
        TensorPrimitives.Sum(probabilities.Slice(start, Math.Min(Block, probabilities.Length - start)));
}

using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;
using CsCheck;

namespace CoreSrl.Torch.Tests;

/// <summary>A draw inverts the cumulative distribution, whatever its length.</summary>
public sealed class SamplingTests
{
    [Fact]
    public void A_draw_is_where_the_running_sum_passes_the_uniform_number() => Gen.Select(Gen.Int[1, 5000], Gen.ULong, Gen.Double[0, 12]).Sample((length, seed, spread) =>
    {
        var logProbabilities = Distribution(length, seed, spread);
        var (one, other) = (new SeededRandom(seed), new SeededRandom(seed));
        for (var draw = 0; draw < 20; draw++)
        {
            var drawn = Sampling.Draw(logProbabilities, ref one);
            var (below, total) = (logProbabilities[..drawn].Sum(value => Math.Exp(value)), logProbabilities.Sum(value => Math.Exp(value)));
            var target = other.NextDouble() * total;
            Assert.InRange(target, below - 1e-5, below + Math.Exp(logProbabilities[drawn]) + 1e-5);
            Assert.True(logProbabilities[drawn] > -1e8, $"{drawn} has no probability");
        }
    }, seed: "0000Bx3Nx4h1", iter: 200);

    [Fact]
    public void The_entropy_is_the_mean_of_minus_log_p() => Gen.Select(Gen.Int[1, 5000], Gen.ULong, Gen.Double[0, 12]).Sample((length, seed, spread) =>
    {
        var logProbabilities = Distribution(length, seed, spread);
        Assert.Equal(-logProbabilities.Sum(value => Math.Exp(value) * value), Sampling.Entropy(logProbabilities), 1e-4);
    }, seed: "0000Bx3Nx4h1", iter: 200);

    [Theory]
    [InlineData(3)]
    [InlineData(3000)]
    public void A_number_that_is_none_is_told(int length)
    {
        var logProbabilities = Distribution(length, 1, 1);
        logProbabilities[length - 2] = float.NaN;
        Assert.Throws<NonFiniteException>(() =>
        {
            var random = new SeededRandom(1);
            return Sampling.Draw(logProbabilities, ref random);
        });
    }

    // A third of them is cut away.
    private static float[] Distribution(int length, ulong seed, double spread)
    {
        var random = new SeededRandom(seed);
        double[] scores = [.. Enumerable.Range(0, length).Select(i => random.NextDouble() < 0.33 && i > 0 ? -1e9 : spread * random.NextDouble())];
        var sum = Math.Log(scores.Sum(Math.Exp));
        return [.. scores.Select(score => score < -1e8 ? -1e9f : (float)(score - sum))];
    }
}

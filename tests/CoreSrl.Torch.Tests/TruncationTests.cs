using CoreSrl.Plugins.TorchLora;
using CsCheck;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

/// <summary>Which tokens top-k, top-p and min-p leave, and with which probabilities.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class TruncationTests
{
    // Probabilities 0.4, 0.3, 0.15, 0.1, 0.05 at other places than their order.
    private static readonly double[] Five = [0.1, 0.4, 0.05, 0.3, 0.15];

    [Theory]
    [InlineData(null, 1.0, 0.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(3, 1.0, 0.0, new[] { 1, 3, 4 })]
    [InlineData(1, 1.0, 0.0, new[] { 1 })]
    [InlineData(99, 1.0, 0.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(null, 0.35, 0.0, new[] { 1 })] // 0.4 is enough.
    [InlineData(null, 0.6, 0.0, new[] { 1, 3 })]
    [InlineData(null, 0.72, 0.0, new[] { 1, 3, 4 })]
    [InlineData(null, 1e-9, 0.0, new[] { 1 })]
    [InlineData(null, 1.0, 0.3, new[] { 1, 3, 4 })] // 0.12 and more.
    [InlineData(null, 1.0, 1.0, new[] { 1 })]
    [InlineData(2, 0.6, 0.0, new[] { 1, 3 })] // Of two that are left the likelier has 4/7, which is not 0.6,
    [InlineData(2, 0.5, 0.0, new[] { 1 })] // but 0.5.
    [InlineData(4, 0.72, 0.5, new[] { 1, 3 })]
    [InlineData(4, 0.3, 0.1, new[] { 1 })]
    public void The_likelier_tokens_stay_and_share_the_probability(int? topK, double topP, double minP, int[] left)
    {
        var mass = left.Sum(token => Five[token]);
        var expected = Five.Select((probability, token) => left.Contains(token) ? probability / mass : 0);
        Assert.Equal(expected, Apply(new(topK, topP, minP), Five), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Tokens_as_likely_as_the_last_that_stays_stay_wherever_they_are()
    {
        double[] alike = [0.1, 0.3, 0.3, 0.3];
        double[] third = [0, 1.0 / 3, 1.0 / 3, 1.0 / 3];
        foreach (var truncation in (Truncation[])[new(1, 1, 0), new(2, 1, 0), new(null, 0.2, 0), new(null, 0.5, 0), new(null, 1, 1)])
            Assert.Equal(third, Apply(truncation, alike), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_token_that_was_taken_stays_beyond_the_cut_and_brings_no_other_along()
    {
        using var scope = NewDisposeScope();
        var left = new Truncation(1, 1, 0).Apply(Logarithms(Five), tensor(new[] { 0L }, [1, 1])).exp().data<float>().ToArray();
        Assert.Equal([0.2, 0.8, 0, 0, 0], left.Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Numbers_that_are_none_are_not_cut_away()
    {
        using var scope = NewDisposeScope();
        foreach (var truncation in (Truncation[])[new(2, 1, 0), new(null, 0.5, 0), new(null, 1, 0.5), new(2, 0.5, 0.5)])
            Assert.True(truncation.Apply(full(2, 5, float.NaN)).isnan().all().item<bool>());
    }

    [Fact]
    public void Any_distribution_is_cut_as_the_definitions_say() =>
        Gen.Select(Gen.Double[-8, 8].Array[1, 60].Array[1, 4], Gen.Int[0, 70], Gen.Double[0.01, 1], Gen.Double[0, 1], Gen.Int[0, 7]).Sample(
            (rows, k, p, m, which) =>
            {
                var width = rows.Min(row => row.Length);
                var truncation = new Truncation((which & 1) != 0 ? k + 1 : null, (which & 2) != 0 ? p : 1, (which & 4) != 0 ? m : 0);
                using var scope = NewDisposeScope();
                var values = tensor(rows.SelectMany(row => row.Take(width)).Select(value => (float)value).ToArray(), [rows.Length, width]).log_softmax(-1);
                var actual = truncation.Apply(values).exp().data<float>().ToArray();
                var whole = values.exp().data<float>().ToArray();
                return Enumerable.Range(0, rows.Length).All(row => IsCut(
                    truncation, [.. whole.Skip(row * width).Take(width).Select(value => (double)value)], actual.AsSpan(row * width, width)));
            },
            seed: "0N0XIzNsQ0O2",
            iter: 2000);

    // By the definitions, one token after the other; where a sum lies within rounding of P either set is right.
    private static bool IsCut(Truncation truncation, double[] probabilities, ReadOnlySpan<float> actual)
    {
        var order = Enumerable.Range(0, probabilities.Length).OrderByDescending(token => probabilities[token]).ToList();
        var first = order.Take(truncation.TopK ?? int.MaxValue).ToList();
        var mass = first.Sum(token => probabilities[token]);
        foreach (var slack in (double[])[0, 1e-5, -1e-5])
        {
            var (nucleus, sum) = (new HashSet<int>(), 0.0);
            foreach (var token in first.TakeWhile(_ => truncation.TopP == 1 || sum / mass < truncation.TopP + slack))
            {
                nucleus.Add(token);
                sum += probabilities[token];
            }

            var least = nucleus.Min(token => probabilities[token]);
            var kept = order.Where(token => probabilities[token] >= least && probabilities[token] >= (truncation.MinP + (slack / 10)) * probabilities[order[0]]).ToList();
            var total = kept.Sum(token => probabilities[token]);
            var isSame = true;
            for (var token = 0; token < probabilities.Length; token++)
                isSame &= Math.Abs(actual[token] - (kept.Contains(token) ? probabilities[token] / total : 0)) < 1e-5;
            if (isSame)
                return true;
        }

        return false;
    }

    private static IEnumerable<double> Apply(Truncation truncation, double[] probabilities)
    {
        using var scope = NewDisposeScope();
        return truncation.Apply(Logarithms(probabilities)).exp().data<float>().ToArray().Select(value => (double)value);
    }

    private static Tensor Logarithms(double[] probabilities) =>
        tensor(probabilities.Select(value => (float)Math.Log(value)).ToArray(), [1, probabilities.Length]);
}

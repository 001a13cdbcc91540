namespace CoreSrl.Plugins.CustomMetrics;

/// <summary>How differently the models play, from what they answered.</summary>
public static class PlayDiversity
{
    /// <summary>The mean, over all pairs of models, of the Jensen–Shannon divergence between their answers' frequencies.</summary>
    /// <remarks>
    /// With the frequencies p and q of two models' answers and m = (p + q) / 2, the divergence of a pair is
    /// ½ Σ p log₂ (p / m) + ½ Σ q log₂ (q / m) bits: 0 when both give every answer equally often, 1 when they have no answer in
    /// common. Few answers make it look larger than it is: of N answers each from one distribution over k, it is about
    /// (k − 1) / (4 N ln 2) and not 0. Lin 1991, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37(1).
    /// </remarks>
    /// <param name="answers">For each model how often it gave each answer.</param>
    /// <returns>0 to 1, in bits; null with fewer than two models that answered anything.</returns>
    public static double? Score(IReadOnlyList<IReadOnlyDictionary<string, long>> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var models = answers.Where(counts => counts.Values.Sum() > 0).ToList();
        if (models.Count < 2)
            return null;
        // In a fixed order, so that a sum is the same bits however the answers came.
        var words = models.SelectMany(counts => counts.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var frequencies = models.ConvertAll(counts => Frequencies(counts, words));
        var divergences = from i in Enumerable.Range(0, frequencies.Count)
                          from j in Enumerable.Range(i + 1, frequencies.Count - i - 1)
                          select Divergence(frequencies[i], frequencies[j]);
        return Math.Clamp(divergences.Average(), 0, 1);
    }

    private static double[] Frequencies(IReadOnlyDictionary<string, long> counts, List<string> words)
    {
        var all = (double)counts.Values.Sum();
        return [.. words.Select(word => counts.GetValueOrDefault(word) / all)];
    }

    private static double Divergence(double[] p, double[] q) =>
        p.Zip(q, (a, b) => Term(a, (a + b) / 2) + Term(b, (a + b) / 2)).Sum() / 2;

    private static double Term(double p, double m) => p == 0 ? 0 : p * Math.Log2(p / m);
}

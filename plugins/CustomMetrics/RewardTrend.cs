namespace CoreSrl.Plugins.CustomMetrics;

/// <summary>The straight line that fits consecutive episodes' rewards best.</summary>
/// <param name="Slope">By how much the reward rises per episode.</param>
/// <param name="StandardError">The standard error of <paramref name="Slope"/>, in the same unit; 0 when the rewards lie on a line.</param>
public readonly record struct RewardTrend(double Slope, double StandardError)
{
    /// <summary>Fits a line by ordinary least squares.</summary>
    /// <remarks>
    /// With rewards y_1 … y_n at the episodes x_i = i, and bars for means: slope b = Σ (x_i − x̄)(y_i − ȳ) / S, where
    /// S = Σ (x_i − x̄)² = n (n² − 1) / 12; its standard error is √(Σ r_i² / (n − 2) / S) with the residuals
    /// r_i = y_i − ȳ − b (x_i − x̄). The error assumes that residuals are independent; those of neighbouring episodes are nearly so.
    /// Draper and Smith 1998, "Applied Regression Analysis", 3rd ed., section 1.4.
    /// </remarks>
    /// <param name="rewards">The rewards of consecutive episodes, oldest first.</param>
    /// <returns>Null for fewer than 3 rewards, whose error is not defined, and where a result would not be a finite number.</returns>
    public static RewardTrend? Fit(IReadOnlyList<double> rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        var n = rewards.Count;
        if (n < 3)
            return null;
        var middle = (n - 1) / 2.0;
        var mean = rewards.Average();
        var spread = n * (((double)n * n) - 1) / 12;
        var slope = Enumerable.Range(0, n).Sum(i => (i - middle) * (rewards[i] - mean)) / spread;
        var residuals = Enumerable.Range(0, n).Sum(i => Square(rewards[i] - mean - (slope * (i - middle))));
        var error = Math.Sqrt(residuals / (n - 2) / spread);
        return double.IsFinite(slope) && double.IsFinite(error) ? new(slope, error) : null;
    }

    private static double Square(double x) => x * x;
}

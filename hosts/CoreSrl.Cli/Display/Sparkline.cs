namespace CoreSrl.Cli.Display;

/// <summary>A curve in a line of text.</summary>
internal static class Sparkline
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>As many values as there is room for: each the mean of its share.</summary>
    public static IReadOnlyList<double> Means(IReadOnlyList<double> values, int width)
    {
        width = Math.Min(width, values.Count);
        return [.. Enumerable.Range(0, width).Select(i => values.Skip(i * values.Count / width).Take(((i + 1) * values.Count / width) - (i * values.Count / width)).Average())];
    }

    /// <summary>A character for each value, by its height between two bounds.</summary>
    public static string Draw(IReadOnlyList<double> values, double low, double high) =>
        string.Concat(values.Select(value => Levels[high > low ? (int)Math.Round((value - low) / (high - low) * (Levels.Length - 1)) : 0]));
}

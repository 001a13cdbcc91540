using CoreSrl.Abstractions;
using CoreSrl.Analysis;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace CoreSrl.Cli.Display.Charts;

/// <summary>Draws the progress of a run: a line for each model, told apart by dashes and markers as well as by colour, with the best
/// and the final checkpoint marked.</summary>
internal static class ProgressChart
{
    private const int Width = 1000;
    private const int Height = 560;

    /// <summary>Of more checkpoints than this, so many get a marker.</summary>
    private const int MarkersShown = 24;

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp,
    ];

    /// <summary>The chart as a PNG picture.</summary>
    public static byte[] ToPng(RunProgress progress, string runName) =>
        Draw(progress, runName, style => style.Pattern).GetImageBytes(Width, Height, ImageFormat.Png);

    /// <summary>The chart as an SVG picture.</summary>
    public static byte[] ToSvg(RunProgress progress, string runName) =>
        SvgDashes.Add(Draw(progress, runName, _ => LinePattern.Solid).GetSvgXml(Width, Height));

    private static Plot Draw(RunProgress progress, string runName, Func<ChartStyle, LinePattern> pattern)
    {
        ChartFont.Use();
        var plot = new Plot();
        plot.Font.Set(ChartFont.Name);
        var label = progress.Metric == RunProgress.DefaultMetric ? "average reward" : progress.Metric.Replace('_', ' ');
        plot.Title($"{runName}: {label} by checkpoint");
        plot.XLabel("Episode");
        plot.YLabel(char.ToUpperInvariant(label[0]) + label[1..]);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Left.MinimumSize = 75;
        plot.Legend.SymbolWidth = 40;
        plot.Legend.ShadowOffset = new(0, 0);
        foreach (var (index, curve) in progress.Curves.Index())
            Add(plot, curve, index, progress.Curves.Count, pattern);
        foreach (var marked in Marks(progress).GroupBy(mark => mark.Checkpoint.Episode))
            Mark(plot, marked.Key, string.Join(" and ", marked.Select(mark => mark.Name)), marked.First().Style, pattern);
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    private static void Add(Plot plot, MetricCurve curve, int index, int curves, Func<ChartStyle, LinePattern> pattern)
    {
        // What all models have in common stands out from each of them.
        var isCommon = curve.Name is null;
        var style = isCommon ? ChartStyle.Common : ChartStyle.OfModel(index);
        var shape = isCommon ? MarkerShape.Eks : Shapes[index % Shapes.Length];
        var (xs, ys) = (curve.Points.Select(point => (double)point.Checkpoint.Episode).ToArray(), curve.Points.Select(point => point.Value).ToArray());
        var line = plot.Add.ScatterLine(xs, ys, style.Line);
        line.LineWidth = style.Width;
        line.LinePattern = pattern(style);
        var shown = Enumerable.Range(0, Math.Min(xs.Length, MarkersShown)).Select(i => xs.Length <= MarkersShown ? i : i * (xs.Length - 1) / (MarkersShown - 1)).ToList();
        var markers = plot.Add.Markers(shown.ConvertAll(i => xs[i]), shown.ConvertAll(i => ys[i]), shape, size: 8, style.Marker);
        markers.MarkerLineWidth = 1.5f;
        plot.Legend.ManualItems.Add(new()
        {
            LabelText = curve.Name ?? (curves > 1 ? "all models" : "the run"),
            LineColor = style.Line,
            LineWidth = style.Width,
            LinePattern = pattern(style),
            MarkerShape = shape,
            MarkerColor = style.Marker,
            MarkerLineWidth = 1.5f,
            MarkerSize = 8,
        });
    }

    private static IEnumerable<(SavedCheckpoint Checkpoint, string Name, ChartStyle Style)> Marks(RunProgress progress)
    {
        if (progress.Best is { } best)
            yield return (best, "best", ChartStyle.Best);
        if (progress.Final is { } final)
            yield return (final, "final", ChartStyle.Final);
    }

    /// <summary>A line down the whole chart.</summary>
    private static void Mark(Plot plot, long episode, string name, ChartStyle style, Func<ChartStyle, LinePattern> pattern)
    {
        plot.Add.VerticalLine(episode, style.Width, style.Line, pattern(style));
        plot.Legend.ManualItems.Add(new()
        {
            LabelText = $"{name}: episode {episode}",
            LineColor = style.Line,
            LineWidth = style.Width,
            LinePattern = pattern(style),
        });
    }
}

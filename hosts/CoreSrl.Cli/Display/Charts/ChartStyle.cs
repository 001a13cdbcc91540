using ScottPlot;

namespace CoreSrl.Cli.Display.Charts;

/// <summary>How a line of a chart looks; each has its own dashes and its own colour.</summary>
/// <param name="Line">Its colour.</param>
/// <param name="Dashes">The lengths of its dashes and gaps in pixels; empty for a line without gaps.</param>
/// <param name="Width">Its width in pixels.</param>
internal sealed record ChartStyle(Color Line, float[] Dashes, float Width)
{
    /// <summary>The curve of all models together.</summary>
    public static ChartStyle Common { get; } = new(Color.FromHex("#000000"), [], 3);

    /// <summary>The best checkpoint.</summary>
    public static ChartStyle Best { get; } = new(Color.FromHex("#454647"), [12, 6], 1.5f);

    /// <summary>The final checkpoint.</summary>
    public static ChartStyle Final { get; } = new(Color.FromHex("#2A2B2C"), [2, 4], 2);

    // Colours that people who see few colours can tell apart: Okabe and Ito 2008, "Color Universal Design".
    private static readonly ChartStyle[] OfModels =
    [
        new(Color.FromHex("#0072B2"), [], 2),
        new(Color.FromHex("#D55E00"), [10, 4], 2),
        new(Color.FromHex("#009E73"), [2, 3], 2),
        new(Color.FromHex("#CC79A7"), [10, 3, 2, 3], 2),
        new(Color.FromHex("#E69F00"), [5, 3], 2),
        new(Color.FromHex("#56B4E9"), [10, 3, 2, 3, 2, 3], 2),
    ];

    /// <summary>All styles there are.</summary>
    public static IReadOnlyList<ChartStyle> All { get; } = [Common, Best, Final, .. OfModels];

    /// <summary>The curve of a model.</summary>
    public static ChartStyle OfModel(int index) => OfModels[index % OfModels.Length];

    /// <summary>As a pattern of the chart library.</summary>
    public LinePattern Pattern => Dashes.Length == 0 ? LinePattern.Solid : new(Dashes, 0, "dashes");

    /// <summary>The colour of the curve's markers: the line's, but for a shade that nobody sees, by which <see cref="SvgDashes"/> tells
    /// a marker's outline from a line.</summary>
    public Color Marker => new(Line.R, Line.G, (byte)(Line.B ^ 1));
}

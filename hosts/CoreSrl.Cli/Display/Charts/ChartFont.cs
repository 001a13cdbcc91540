using ScottPlot;
using SkiaSharp;

namespace CoreSrl.Cli.Display.Charts;

/// <summary>The font of the charts, which the program brings along: a machine without fonts, such as a container, draws the same.</summary>
internal sealed class ChartFont : IFontResolver
{
    public const string Name = "DejaVu Sans";

    private const string Resource = "DejaVuSans.ttf";

    /// <summary>Makes it the font of every chart of this process.</summary>
    public static void Use()
    {
        if (Fonts.Default == Name && Fonts.FontResolvers is [ChartFont, ..])
            return;
        Fonts.FontResolvers.Insert(0, new ChartFont());
        Fonts.Default = Name;
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => Create(fontName);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => Create(fontName);

    private static SKTypeface? Create(string fontName) => fontName == Name
        ? SKTypeface.FromStream(typeof(ChartFont).Assembly.GetManifestResourceStream(Resource)!)
        : null;
}

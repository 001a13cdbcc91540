using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CoreSrl.Cli.Display.Charts;

/// <summary>Puts into an SVG picture what Skia's writer of SVG leaves out: dashes, by the colour of the lines, and what to write with
/// where the chart's font is missing.</summary>
internal static class SvgDashes
{
    public static byte[] Add(string svg)
    {
        foreach (var style in ChartStyle.All.Where(style => style.Dashes.Length > 0))
        {
            var dashes = string.Join(' ', style.Dashes.Select(length => length.ToString(CultureInfo.InvariantCulture)));
            svg = Regex.Replace(svg, $"stroke=\"{style.Line.ToHex()}\"", $"$0 stroke-dasharray=\"{dashes}\"", RegexOptions.IgnoreCase);
        }

        return Encoding.UTF8.GetBytes(svg.Replace($"font-family=\"{ChartFont.Name}\"", $"font-family=\"{ChartFont.Name}, Verdana, sans-serif\"", StringComparison.Ordinal));
    }
}

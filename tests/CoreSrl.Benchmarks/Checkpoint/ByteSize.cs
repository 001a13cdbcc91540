using System.Globalization;
using System.Text.RegularExpressions;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>Sizes as people write them.</summary>
internal static partial class ByteSize
{
    /// <summary>The largest size; torch and the copies beside it must fit into memory.</summary>
    private const double Most = 1L << 40;

    /// <summary>How many bytes <c>256MiB</c>, <c>1GiB</c> or <c>2.5GiB</c> is; null for anything else, below 1 MiB or above 1 TiB.</summary>
    public static long? Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
            return null;
        var unit = match.Groups["unit"].Value == "GiB" ? 1L << 30 : 1L << 20;
        var bytes = double.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) * unit;
        return bytes is >= 1 << 20 and <= Most ? (long)bytes / sizeof(float) * sizeof(float) : null;
    }

    /// <summary>In the unit that suits.</summary>
    public static string Format(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.##} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.#} MiB",
        _ => $"{bytes / 1024.0:0.#} KiB",
    };

    [GeneratedRegex(@"^(?<count>\d+(\.\d+)?)(?<unit>MiB|GiB)$")]
    private static partial Regex Form();
}

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>A value of the modules that a pattern matches, written <c>PATTERN=VALUE</c>: a list of them has an order, which the keys of
/// a section do not.</summary>
internal static class ModuleValue
{
    public static KeyValuePair<string, T> Parse<T>(string text)
        where T : INumber<T> => TryParse<T>(text) ?? throw new FormatException($"'{text}' is not PATTERN=VALUE.");

    public static string Write<T>(KeyValuePair<string, T> value)
        where T : INumber<T> => $"{value.Key}={value.Value.ToString(null, CultureInfo.InvariantCulture)}";

    /// <summary>What is wrong with an option that is a list of them.</summary>
    public static IEnumerable<ValidationResult> Problems<T>(string option, IEnumerable<string>? texts, Func<T, bool> isAllowed, string example)
        where T : INumber<T> =>
        from text in texts ?? []
        let value = TryParse<T>(text)
        where value is null || !isAllowed(value.Value.Value) || !IsPattern(value.Value.Key)
        select new ValidationResult($"{option} holds '{text}', which is not like {example}.", [option]);

    // A pattern may hold an = of its own.
    private static KeyValuePair<string, T>? TryParse<T>(string text)
        where T : INumber<T> =>
        text.LastIndexOf('=') is > 0 and var end && T.TryParse(text.AsSpan(end + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(text[..end], value)
            : null;

    private static bool IsPattern(string text)
    {
        try
        {
            _ = new Regex(text);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

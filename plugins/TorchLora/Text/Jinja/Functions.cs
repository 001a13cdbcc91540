using System.Globalization;
using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>The functions that every template sees: Jinja's, and those that transformers adds.</summary>
internal static partial class Functions
{
    /// <summary>Puts them into a scope.</summary>
    /// <param name="scope">The template's outermost.</param>
    /// <param name="now">What <c>strftime_now</c> takes for now.</param>
    public static void AddTo(Scope scope, DateTime now)
    {
        scope.Set("dict", (Callable)ToMap);
        scope.Set("namespace", (Callable)(arguments => new Namespace(ToMap(arguments))));
        scope.Set("raise_exception", (Callable)(arguments => throw new ValueException(Values.TextOf(arguments.Bind("message")[0]).TrimEnd('.'))));
        scope.Set("range", (Callable)Range);
        scope.Set("strftime_now", (Callable)(arguments => Format(now, Arguments.RequiredText(arguments.Bind("format")[0]))));
    }

    private static Map ToMap(Arguments arguments)
    {
        var map = new Map();
        foreach (var from in arguments.Positional)
        {
            foreach (var (key, value) in from as Map ?? throw new ValueException($"{Values.KindOf(from)} stands where a mapping should"))
                map[key] = value;
        }

        foreach (var (name, value) in arguments.Named)
            map[name] = value;
        return map;
    }

    private static List<object?> Range(Arguments arguments)
    {
        var bound = arguments.Bind("start", "stop", "step");
        var first = Arguments.Integer(bound[0]) ?? throw new ValueException("range takes whole numbers");
        var (start, stop) = Arguments.Integer(bound[1]) is { } end ? (first, end) : (0, first);
        var step = Arguments.Integer(bound[2]) ?? 1;
        if (step == 0)
            throw new ValueException("the step of range is 0");
        var numbers = new List<object?>();
        for (var number = (Int128)start; step > 0 ? number < stop : number > stop; number += step)
        {
            arguments.Work.Spend();
            numbers.Add((long)number);
        }

        return numbers;
    }

    private static string Format(DateTime time, string format) => CodePattern().Replace(format, code => Picture(code.Value) is { } picture
        ? time.ToString(picture, CultureInfo.InvariantCulture)
        : throw new ValueException($"'{code.Value}' in a date is not supported"));

    // How .NET writes what strftime's codes stand for.
    private static string? Picture(string code) => code switch
    {
        "%a" => "ddd",
        "%A" => "dddd",
        "%b" => "MMM",
        "%B" => "MMMM",
        "%d" => "dd",
        "%-d" => "%d",
        "%H" => "HH",
        "%I" => "hh",
        "%m" => "MM",
        "%-m" => "%M",
        "%M" => "mm",
        "%p" => "tt",
        "%S" => "ss",
        "%y" => "yy",
        "%Y" => "yyyy",
        "%%" => "'%'",
        _ => null,
    };

    [GeneratedRegex("%-?.?", RegexOptions.Singleline)]
    private static partial Regex CodePattern();
}

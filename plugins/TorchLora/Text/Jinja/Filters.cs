using System.Globalization;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary><c>value | name(arguments)</c>.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<object?, Arguments, object?>> Known = new()
    {
        ["count"] = (value, _) => Length(value),
        ["capitalize"] = (value, _) => TextMethods.Capitalize(Values.TextOf(value)),
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = (value, _) => Entries(value).OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase).Select(Pair).ToList(),
        ["first"] = (value, _) => Values.ItemsOf(value) is [var first, ..] ? first : new Undefined("there is no first item"),
        ["float"] = (value, _) => double.TryParse(Values.TextOf(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0.0,
        ["indent"] = Indent,
        ["int"] = (value, _) => Whole(value),
        ["items"] = (value, _) => value is Undefined ? new List<object?>() : Entries(value).Select(Pair).ToList(),
        ["join"] = Join,
        ["last"] = (value, _) => Values.ItemsOf(value) is [.., var last] ? last : new Undefined("there is no last item"),
        ["length"] = (value, _) => Length(value),
        ["list"] = (value, _) => Values.ItemsOf(value).ToList(),
        ["lower"] = (value, _) => Values.TextOf(value).ToLowerInvariant(),
        ["map"] = MapAll,
        ["reject"] = (value, arguments) => Where(value, arguments, 0, isWanted: false),
        ["rejectattr"] = (value, arguments) => Where(value, arguments, 1, isWanted: false),
        ["replace"] = (value, arguments) => TextMethods.Replace(Values.TextOf(value), arguments),
        ["reverse"] = (value, _) => Slices.Cut(value, null, null, -1),
        ["safe"] = (value, _) => value,
        ["select"] = (value, arguments) => Where(value, arguments, 0, isWanted: true),
        ["selectattr"] = (value, arguments) => Where(value, arguments, 1, isWanted: true),
        ["string"] = (value, _) => Values.TextOf(value),
        ["tojson"] = JsonText.Write,
        ["trim"] = (value, arguments) => TextMethods.Strip(Values.TextOf(value), arguments),
        ["upper"] = (value, _) => Values.TextOf(value).ToUpperInvariant(),
    };

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    public static string Names => string.Join(", ", Known.Keys);

    public static object? Apply(string name, object? value, Arguments arguments) => Known[name](value, arguments);

    private static object? Default(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("default_value", "boolean");
        return value is Undefined || (Values.IsTrue(bound[1]) && !Values.IsTrue(value)) ? bound[0] is Undefined ? "" : bound[0] : value;
    }

    private static long Length(object? value) => value switch
    {
        string text => Slices.Length(text),
        Map map => map.Count,
        _ => Values.ItemsOf(value).Count,
    };

    private static long Whole(object? value) => value switch
    {
        double number when Math.Abs(number) < 1e18 => (long)number,
        string text => long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0L,
        _ => Operators.Number(value) as long? ?? 0L,
    };

    private static string Join(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("d", "attribute");
        var (separator, attribute) = (Arguments.Text(bound[0]) ?? "", Arguments.Text(bound[1]));
        var texts = Values.ItemsOf(value).Select(item => Values.TextOf(attribute is null ? item : Attribute(item, attribute))).ToList();
        arguments.Work.Spend(texts.Sum(text => (long)text.Length + separator.Length));
        return string.Join(separator, texts);
    }

    private static string Indent(object? value, Arguments arguments)
    {
        const int widest = 64;
        var bound = arguments.Bind("width", "first", "blank");
        var by = bound[0] as string ?? new string(' ', (int)Math.Clamp(Arguments.Integer(bound[0]) ?? 4, 0, widest));
        var lines = Values.TextOf(value).Split('\n');
        arguments.Work.Spend((long)lines.Length * by.Length);
        var isBlankToo = Values.IsTrue(bound[2]);
        return string.Join('\n', lines.Select((line, i) =>
            (i == 0 ? Values.IsTrue(bound[1]) : line.Length > 0 || isBlankToo) ? by + line : line));
    }

    private static List<object?> MapAll(object? value, Arguments arguments)
    {
        if (arguments.Named is [("attribute", string attribute)] && arguments.Positional.Count == 0)
            return Values.ItemsOf(value).Select(item => Attribute(item, attribute)).ToList();
        if (arguments.Positional is not [string name, ..] || !IsKnown(name))
            throw new ValueException($"map takes attribute= or the name of a filter, of {Names}");
        var inner = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        return Values.ItemsOf(value).Select(item => Apply(name, item, inner)).ToList();
    }

    // select(test, …) and selectattr(attribute, test, …); without a test, by truth.
    private static List<object?> Where(object? value, Arguments arguments, int testPlace, bool isWanted)
    {
        var attribute = testPlace == 0 ? null : Arguments.RequiredText(arguments.Positional is [var first, ..] ? first : null);
        var name = arguments.Positional.Count > testPlace ? Arguments.RequiredText(arguments.Positional[testPlace]) : null;
        if (name is not null && !Tests.IsKnown(name))
            throw new ValueException($"the test '{name}' is not supported; known are {Tests.Names}");
        var inner = arguments with { Positional = [.. arguments.Positional.Skip(testPlace + 1)] };
        return Values.ItemsOf(value).Where(item =>
        {
            var tested = attribute is null ? item : Attribute(item, attribute);
            return isWanted == (name is null ? Values.IsTrue(tested) : Tests.Apply(name, tested, inner));
        }).ToList();
    }

    // a.b is the b of a.
    private static object? Attribute(object? item, string path) =>
        path.Split('.').Aggregate(item, (value, name) => Values.Part(value, long.TryParse(name, out var place) ? place : name));

    private static Map Entries(object? value) => value as Map ?? throw new ValueException($"{Values.KindOf(value)} has no entries");

    private static object? Pair(KeyValuePair<string, object?> entry) => new List<object?> { entry.Key, entry.Value };
}

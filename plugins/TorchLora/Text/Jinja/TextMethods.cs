namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>The methods of Python's texts that templates use.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Func<string, Arguments, object?>> Known = new()
    {
        ["capitalize"] = (text, _) => Capitalize(text),
        ["count"] = (text, arguments) => (long)Count(text, Arguments.RequiredText(arguments.Bind("sub")[0])),
        ["endswith"] = (text, arguments) => AnyOf(arguments.Bind("suffix")[0], part => text.EndsWith(part, StringComparison.Ordinal)),
        ["find"] = (text, arguments) => (long)Find(text, Arguments.RequiredText(arguments.Bind("sub")[0])),
        ["join"] = (text, arguments) => Join(text, arguments),
        ["lower"] = (text, _) => text.ToLowerInvariant(),
        ["lstrip"] = (text, arguments) => Strip(text, arguments, end: false),
        ["removeprefix"] = (text, arguments) => Arguments.RequiredText(arguments.Bind("prefix")[0]) is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text,
        ["removesuffix"] = (text, arguments) => Arguments.RequiredText(arguments.Bind("suffix")[0]) is var part && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text,
        ["replace"] = (text, arguments) => Replace(text, arguments),
        ["rsplit"] = (text, arguments) => Split(text, arguments, fromEnd: true),
        ["rstrip"] = (text, arguments) => Strip(text, arguments, start: false),
        ["split"] = (text, arguments) => Split(text, arguments, fromEnd: false),
        ["splitlines"] = (text, _) => SplitLines(text),
        ["startswith"] = (text, arguments) => AnyOf(arguments.Bind("prefix")[0], part => text.StartsWith(part, StringComparison.Ordinal)),
        ["strip"] = (text, arguments) => Strip(text, arguments),
        ["upper"] = (text, _) => text.ToUpperInvariant(),
    };

    /// <summary>Calls a method.</summary>
    /// <exception cref="ValueException">There is no such method here.</exception>
    public static object? Call(string text, string method, Arguments arguments) => Known.TryGetValue(method, out var known)
        ? known(text, arguments)
        : throw new ValueException($"the method '{method}' of texts is not supported; known are {string.Join(", ", Known.Keys)}");

    public static string Capitalize(string text) => text.Length == 0 ? "" : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    public static string Replace(string text, Arguments arguments)
    {
        var bound = arguments.Bind("old", "new", "count");
        var (old, by, most) = (Arguments.RequiredText(bound[0]), Arguments.RequiredText(bound[1]), Arguments.Integer(bound[2]) ?? -1);
        if (old.Length == 0)
            throw new ValueException("what replace looks for is empty");
        var places = Places(text, old, most);
        arguments.Work.Spend(text.Length + Math.BigMul(places.Count, by.Length));
        return string.Join(by, Parts(text, places, old.Length));
    }

    public static string Strip(string text, Arguments arguments, bool start = true, bool end = true)
    {
        var characters = Arguments.Text(arguments.Bind("chars")[0])?.ToCharArray();
        // No characters given to .NET mean white space; given to Python, none.
        if (characters is [])
            return text;
        if (start)
            text = text.TrimStart(characters);
        return end ? text.TrimEnd(characters) : text;
    }

    private static List<object?> Split(string text, Arguments arguments, bool fromEnd)
    {
        var bound = arguments.Bind("sep", "maxsplit");
        var (separator, most) = (Arguments.Text(bound[0]), Arguments.Integer(bound[1]) ?? -1);
        arguments.Work.SpendItems(text.Length / 8);
        if (separator is null)
        {
            return most < 0
                ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToList<object?>()
                : throw new ValueException("splitting at white space with maxsplit is not supported");
        }

        if (separator.Length == 0)
            throw new ValueException("what split looks for is empty");
        var places = fromEnd && most >= 0 ? LastPlaces(text, separator, most) : Places(text, separator, most);
        arguments.Work.SpendItems(places.Count);
        return Parts(text, places, separator.Length).ToList<object?>();
    }

    private static List<object?> SplitLines(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        return (lines[^1].Length == 0 ? lines[..^1] : lines).ToList<object?>();
    }

    private static string Join(string text, Arguments arguments)
    {
        var parts = Values.ItemsOf(arguments.Bind("iterable")[0]).Select(Arguments.RequiredText).ToList();
        arguments.Work.Spend(parts.Sum(part => (long)part.Length + text.Length));
        return string.Join(text, parts);
    }

    private static bool AnyOf(object? parts, Func<string, bool> isThere) =>
        parts is IReadOnlyList<object?> several ? several.Any(part => isThere(Arguments.RequiredText(part))) : isThere(Arguments.RequiredText(parts));

    private static int Find(string text, string part)
    {
        var place = text.IndexOf(part, StringComparison.Ordinal);
        return place > 0 ? Slices.Length(text[..place]) : place;
    }

    private static int Count(string text, string part) =>
        part.Length == 0 ? Slices.Length(text) + 1 : Places(text, part, -1).Count;

    // Where a part stands, from the left and without overlap; at most so many times, below 0 all.
    private static List<int> Places(string text, string part, long most)
    {
        var places = new List<int>();
        for (var place = 0; places.Count != most && (place = text.IndexOf(part, place, StringComparison.Ordinal)) >= 0; place += part.Length)
            places.Add(place);
        return places;
    }

    private static List<int> LastPlaces(string text, string part, long most)
    {
        var places = new List<int>();
        for (var end = text.Length; places.Count != most && text.AsSpan(0, end).LastIndexOf(part, StringComparison.Ordinal) is >= 0 and var place; end = place)
            places.Insert(0, place);
        return places;
    }

    private static IEnumerable<string> Parts(string text, List<int> places, int length)
    {
        var done = 0;
        foreach (var place in places)
        {
            yield return text[done..place];
            done = place + length;
        }

        yield return text[done..];
    }
}

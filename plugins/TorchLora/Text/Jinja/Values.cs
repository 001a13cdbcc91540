using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>A value that there is not, and what is missing. It writes nothing, counts as false and has no parts.</summary>
internal sealed record Undefined(string What);

/// <summary>A mapping in the order in which it was written.</summary>
internal sealed class Map : OrderedDictionary<string, object?>;

/// <summary><c>namespace(…)</c>: what is set in it within a loop stays.</summary>
internal sealed class Namespace(Map values)
{
    public Map Values { get; } = values;
}

/// <summary>A function or a macro.</summary>
internal delegate object? Callable(Arguments arguments);

/// <summary>A value cannot be used as it is; whoever knows the line tells it as a <see cref="JinjaException"/>.</summary>
internal sealed class ValueException(string problem) : InvalidOperationException(problem);

/// <summary>
/// The values of a template: null (none), <see cref="Undefined"/>, bool, long, double, string, lists of values, <see cref="Map"/>,
/// <see cref="Namespace"/>, <see cref="Loop"/> and <see cref="Callable"/>. What they count as, and how they are written, is Python's.
/// </summary>
internal static class Values
{
    /// <summary>The value that a JSON document stands for.</summary>
    public static object? Of(JsonNode? json)
    {
        switch (json)
        {
            case null:
                return null;
            case JsonObject entries:
                var map = new Map();
                foreach (var (key, value) in entries)
                    map.Add(key, Of(value));
                return map;
            case JsonArray items:
                return items.Select(Of).ToList();
        }

        return json.GetValueKind() switch
        {
            JsonValueKind.String => (string?)json,
            JsonValueKind.True or JsonValueKind.False => (bool)json,
            _ => long.TryParse(json.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole : (double)json,
        };
    }

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        Map map => map.Count > 0,
        _ => true,
    };

    /// <summary>How a value is written.</summary>
    public static string TextOf(object? value) => value switch
    {
        Undefined => "",
        null => "None",
        bool truth => truth ? "True" : "False",
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => TextOf(number),
        _ => throw new ValueException($"{KindOf(value)} cannot be written as it is; write it with tojson"),
    };

    public static string KindOf(object? value) => value switch
    {
        null => "none",
        Undefined missing => missing.What,
        bool => "a truth value",
        long or double => "a number",
        string => "a text",
        IReadOnlyList<object?> => "a list",
        Map => "a mapping",
        Namespace => "a namespace",
        Loop => "a loop",
        _ => "a function",
    };

    /// <summary>What a loop goes through.</summary>
    public static IReadOnlyList<object?> ItemsOf(object? value) => value switch
    {
        Undefined => [],
        IReadOnlyList<object?> list => list,
        Map map => [.. map.Keys],
        string text => [.. Slices.Characters(text)],
        _ => throw new ValueException($"{KindOf(value)} has no items"),
    };

    /// <summary>A part of a value by its place or name; undefined when there is none.</summary>
    public static object? Part(object? value, object? key)
    {
        switch (value, key)
        {
            case (Undefined missing, _):
                throw new ValueException($"{missing.What}, so it has no {(key is string ? $"'{key}'" : "items")}");
            case (Map map, string name) when map.TryGetValue(name, out var found):
                return found;
            case (Namespace space, string name) when space.Values.TryGetValue(name, out var found):
                return found;
            case (Loop loop, string name) when loop.TryGet(name, out var found):
                return found;
            case (IReadOnlyList<object?> list, long place) when Place(place, list.Count) is { } index:
                return list[index];
            case (string text, long place) when Slices.Characters(text) is var characters && Place(place, characters.Count) is { } index:
                return characters[index];
            default:
                return new Undefined($"{KindOf(value)} has no {(key is string name2 ? $"'{name2}'" : $"item {TextOf(key)}")}");
        }
    }

    /// <summary>Whoever goes into values asks first: a template can put lists into one another without end.</summary>
    public static void EnsureShallow()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ValueException("something stands too deep in itself");
    }

    private static int? Place(long place, int count) => place >= 0 && place < count ? (int)place : place < 0 && place >= -count ? (int)(place + count) : null;

    // The fewest digits that tell the number from its neighbours, with an exponent below 1e-4 and from 1e16 on: .NET begins at 1e17.
    private static string TextOf(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        var text = number.ToString(Math.Abs(number) is >= 1e16 and < 1e17 ? "0.################E+00" : "R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? text.Replace('E', 'e') : text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
    }
}

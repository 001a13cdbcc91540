using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Torch;

/// <summary>Numbers, truth values, texts, enumeration values and lists of them as JSON, to the same bits and back.</summary>
/// <remarks>JSON's numbers have no infinity and no NaN: these are texts.</remarks>
internal static class PlainValue
{
    /// <summary>Whether a field of the type can be stored.</summary>
    public static bool Holds(Type type) => IsScalar(type) || ElementOf(type) is { } element && IsScalar(element);

    /// <summary>The value as JSON.</summary>
    public static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        bool truth => JsonValue.Create(truth),
        double number => double.IsFinite(number) ? JsonValue.Create(number) : number.ToString("R", CultureInfo.InvariantCulture),
        float number => ToJson((double)number),
        int or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        string or Enum => JsonValue.Create(value.ToString()),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ToJson)]),
        _ => throw new ArgumentException($"A value of type {value.GetType()} cannot be stored.", nameof(value)),
    };

    /// <summary>The value of a scalar type that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static object? FromJson(JsonNode? stored, Type type, string where)
    {
        var underlying = Nullable.GetUnderlyingType(type);
        if (stored is null && (underlying is not null || type == typeof(string)))
            return null;
        type = underlying ?? type;
        if (stored is JsonValue value)
        {
            if (type == typeof(bool) && value.TryGetValue(out bool truth))
                return truth;
            if (type == typeof(double) && TryNumber(value, out var number))
                return number;
            if (type == typeof(float) && TryNumber(value, out number))
                return (float)number;
            if (type == typeof(long) && value.TryGetValue(out long integer))
                return integer;
            if (type == typeof(int) && value.TryGetValue(out integer) && integer == (int)integer)
                return (int)integer;
            if (type == typeof(string) && value.TryGetValue(out string? text))
                return text;
            if (type.IsEnum && value.TryGetValue(out text) && Enum.TryParse(type, text, out var named))
                return named;
        }

        throw new FormatException($"{where} is of type {type.Name}; the stored state has {stored?.ToJsonString() ?? "null"} for it.");
    }

    /// <summary>Checks a stored list against a live one, and returns what overwrites the live one's elements in place.</summary>
    /// <remarks>In place, because TorchSharp's sequential scheduler shares a list with another.</remarks>
    public static Action Overwrite(object? live, JsonNode? stored, string where)
    {
        if (live is null && stored is null)
            return static () => { };
        var list = live as IList ?? throw new FormatException($"{where} is nothing yet; the stored state has a list for it.");
        var array = StoredJson.ArrayOf(stored, list.Count, "values", where);
        var type = ElementOf(list.GetType())!;
        var values = array.Select(element => FromJson(element, type, where)).ToList();
        return () =>
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (!Equals(list[i], values[i])) // a list that cannot be written is one of settings, which do not differ
                    list[i] = values[i];
            }
        };
    }

    /// <summary>Whether the type is one value rather than a list.</summary>
    public static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(float)
            || type == typeof(double) || type == typeof(string);
    }

    private static bool TryNumber(JsonValue value, out double number)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
            return value.TryGetValue(out number);
        number = value.TryGetValue(out string? text) ? text switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => 0,
        } : 0;
        return !double.IsFinite(number);
    }

    // Of List<double>, double[] or IList<double>: double.
    private static Type? ElementOf(Type type) => type == typeof(string) ? null : type.GetInterfaces().Append(type)
        .FirstOrDefault(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IList<>))?.GetGenericArguments()[0];
}

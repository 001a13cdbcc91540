using System.Text.Json;

namespace CoreSrl.Server.Protocol;

/// <summary>Reads the fields of a JSON object; null stands for a field that is not there. What is of another kind is an
/// <see cref="ApiException"/> that names it.</summary>
/// <param name="json">The object.</param>
/// <param name="path">What stands before its fields' names in messages.</param>
internal sealed class Fields(JsonElement json, string path = "")
{
    public IEnumerable<string> Names => json.EnumerateObject().Select(entry => entry.Name);

    public string? Text(string name) => Find(name, JsonValueKind.String, "a text") is { } value ? ReadText(value, name) : null;

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    public double? Number(string name, double least, double most) => Find(name, JsonValueKind.Number, "a number") is not { } value ? null
        : value.TryGetDouble(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, $"a number from {least} to {most}");

    public int? Whole(string name, int least) => Find(name, JsonValueKind.Number, "a whole number") is not { } value ? null
        : value.TryGetInt64(out var number) && number >= least ? (int)Math.Min(number, int.MaxValue)
        : throw Wrong(name, $"a whole number, at least {least}");

    public long? Seed(string name) => Find(name, JsonValueKind.Number, "a whole number") is not { } value ? null
        : value.TryGetInt64(out var number) ? number
        : throw Wrong(name, "a whole number of 64 bits");

    public Fields? Object(string name) => Find(name, JsonValueKind.Object, "an object") is { } value ? new(value, $"{path}{name}.") : null;

    public List<string>? TextOrTexts(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => [ReadText(value, name)],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String) => [.. list.EnumerateArray().Select(entry => ReadText(entry, name))],
        _ => throw Wrong(name, "a text or a list of texts"),
    };

    /// <summary>The objects of a list.</summary>
    public List<Fields>? Objects(string name)
    {
        if (Find(name, JsonValueKind.Array, "a list") is not { } list)
            return null;
        return [.. list.EnumerateArray().Select((entry, i) => entry.ValueKind == JsonValueKind.Object
            ? new Fields(entry, $"{path}{name}[{i}].")
            : throw Wrong($"{name}[{i}]", "an object"))];
    }

    /// <summary>Whether a field is there and a list.</summary>
    public bool IsList(string name) => Find(name) is { ValueKind: JsonValueKind.Array };

    public bool Has(string name) => Find(name) is not null;

    public ApiException Wrong(string name, string wanted) => ApiException.Invalid(path + name, $"'{path}{name}' must be {wanted}.");

    private JsonElement? Find(string name) => json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement? Find(string name, JsonValueKind kind, string wanted) =>
        Find(name) is not { } value ? null : value.ValueKind == kind ? value : throw Wrong(name, wanted);

    // A text may hold half a character, which nothing can be made of.
    private string ReadText(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "text without halves of characters");
        }
    }
}

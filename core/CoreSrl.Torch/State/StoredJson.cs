using System.Text.Json.Nodes;

namespace CoreSrl.Torch;

/// <summary>Reads stored JSON of a known structure; whatever differs is a <see cref="FormatException"/> that says where it belongs.</summary>
internal static class StoredJson
{
    /// <summary>An object with exactly these names.</summary>
    public static JsonObject ObjectOf(JsonNode? stored, IEnumerable<string> names, string where)
    {
        var found = stored as JsonObject ?? throw new FormatException($"{where}: the stored state is no JSON object.");
        var expected = names.ToHashSet();
        var missing = expected.Where(name => !found.ContainsKey(name)).ToList();
        var surplus = found.Select(entry => entry.Key).Where(name => !expected.Contains(name)).ToList();
        if (missing.Count + surplus.Count == 0)
            return found;
        throw new FormatException(
            $"{where}: the stored state is another's. It lacks: {Listed(missing)}; it has besides: {Listed(surplus)}.");
    }

    /// <summary>An array of a known length; what its elements are is said in the plural.</summary>
    public static JsonArray ArrayOf(JsonNode? stored, int length, string of, string where)
    {
        var found = stored as JsonArray ?? throw new FormatException($"{where}: the stored {of} are no JSON array.");
        return found.Count == length ? found : throw new FormatException($"{where} has {length} {of}; the stored state has {found.Count}.");
    }

    /// <summary>A text.</summary>
    public static string TextOf(JsonNode? stored, string where) => stored is JsonValue value && value.TryGetValue(out string? text)
        ? text : throw new FormatException($"{where}: the stored state has {stored?.ToJsonString() ?? "null"} where a text belongs.");

    private static string Listed(List<string> names) =>
        names.Count == 0 ? "nothing" : string.Join(", ", names.Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Testing;

/// <summary>Numbers in JSON.</summary>
internal static class Numbers
{
    /// <summary>Whether none of them is NaN or infinite, which a file of JSON cannot hold as a number.</summary>
    public static bool AreFinite(JsonNode? node) => node switch
    {
        JsonObject named => named.All(value => AreFinite(value.Value)),
        JsonArray list => list.All(AreFinite),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number =>
            !(value.TryGetValue<double>(out var number) && !double.IsFinite(number)) && !(value.TryGetValue<float>(out var single) && !float.IsFinite(single)),
        _ => true,
    };
}

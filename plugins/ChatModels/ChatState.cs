using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Plugins.ChatModels.Accounting;
using CoreSrl.Plugins.ChatModels.Learning;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>A chat player's whole state, as it stands in a checkpoint.</summary>
/// <param name="Model">The model's name when the state was captured.</param>
/// <param name="Usage">What was used, in all turns that were learned from.</param>
/// <param name="Memory">The plays remembered, the situation that was met first first.</param>
internal sealed record ChatState(string Model, Usage Usage, IReadOnlyList<Situation> Memory)
{
    /// <summary>How states are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static T Read<T>(JsonNode state)
        where T : class
    {
        try
        {
            return state.Deserialize<T>(Json) ?? throw new FormatException("The state of a chat player is null.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The state of a chat player is not one that it wrote: {e.Message}", e);
        }
    }

    /// <summary>The state as a document of its own.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, Json)!.AsObject();
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>How the JSON files of a checkpoint are written: snake_case, indented, numbers to the last bit.</summary>
internal static class CheckpointJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static JsonNode? ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Options);

    public static byte[] ToBytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Options);

    public static ReadOnlySequence<byte> ToFile(JsonNode node) => new(ToBytes(node));

    /// <summary>The numbers among named values, whichever type each was made from.</summary>
    public static Dictionary<string, double> Numbers(JsonObject values) => values
        .Where(value => value.Value?.GetValueKind() == JsonValueKind.Number)
        .ToDictionary(value => value.Key, value => value.Value.Deserialize<double>());

    /// <summary>A value as it will be read back from a file; what is not finite becomes its name.</summary>
    public static JsonNode? AsStored(JsonNode? value) => JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(value, Options));

    /// <summary>A number as JSON can hold it; one that is not finite becomes null.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    /// <summary>What a parser says is wrong, without its own way of naming the place.</summary>
    public static string Reason(Exception e) => e.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0].TrimEnd('.');
}

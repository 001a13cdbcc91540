using System.Text.Json;
using CoreSrl.Abstractions;

namespace CoreSrl.Server.Protocol;

/// <summary>A request for a chat completion, checked.</summary>
/// <remarks>OpenAI API reference, "Create chat completion". Of its fields, those that say how to answer are honoured, those that change
/// no answer are passed over, and the others are refused by name: an answer that is not the one that was asked for is worse than none.</remarks>
internal sealed record CompletionRequest(string Model, IReadOnlyList<ChatTurn> Turns)
{
    private const int MostStops = 16;

    private static readonly string[] Honoured =
        ["model", "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "stream", "stream_options"];

    private static readonly string[] WithoutEffect =
        ["user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls"];

    public double? Temperature { get; private init; }

    public double? TopP { get; private init; }

    public int? MaxTokens { get; private init; }

    public IReadOnlyList<string>? StopStrings { get; private init; }

    /// <summary>Null when any will do.</summary>
    public long? Seed { get; private init; }

    /// <summary>Whether the answer comes in pieces.</summary>
    public bool Streams { get; private init; }

    /// <summary>Whether the last piece says what the answer took.</summary>
    public bool StreamsUsage { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="ApiException">It is not valid, or asks for what cannot be done.</exception>
    public static CompletionRequest Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new ApiException(StatusCodes.Status400BadRequest, "The request must be a JSON object.");
        var fields = new Fields(json);
        if (fields.Names.FirstOrDefault(name => !Honoured.Contains(name) && !WithoutEffect.Contains(name) && !IsNeutral(name, json.GetProperty(name))) is { } other)
            throw new ApiException(StatusCodes.Status400BadRequest, $"'{other}' is not supported. Leave it out.", other, "unsupported_parameter");
        var options = fields.Object("stream_options");
        var streams = fields.Flag("stream") ?? false;
        if (options is not null && !streams)
            throw ApiException.Invalid("stream_options", "'stream_options' is for requests with 'stream': true.");
        return new(fields.Text("model") ?? throw ApiException.Invalid("model", "'model' is missing: the name of a model, as GET /v1/models lists them."), MessageReader.Read(fields))
        {
            Temperature = fields.Number("temperature", 0, 2),
            TopP = fields.Number("top_p", 0, 1) switch { 0 => throw ApiException.Invalid("top_p", "'top_p' must be above 0."), var share => share },
            MaxTokens = fields.Whole("max_completion_tokens", 1) ?? fields.Whole("max_tokens", 1),
            StopStrings = ReadStops(fields),
            Seed = fields.Seed("seed"),
            Streams = streams,
            StreamsUsage = options?.Flag("include_usage") ?? false,
        };
    }

    // What is asked for happens anyway.
    private static bool IsNeutral(string name, JsonElement value) => name switch
    {
        _ when value.ValueKind == JsonValueKind.Null => true,
        "n" => value.ValueKind == JsonValueKind.Number && value.GetRawText() == "1",
        "logprobs" => value.ValueKind == JsonValueKind.False,
        "frequency_penalty" or "presence_penalty" => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 0,
        "logit_bias" => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any(),
        "tools" or "functions" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0,
        "tool_choice" or "function_call" => value.ValueKind == JsonValueKind.String && value.GetString() is "none" or "auto",
        "response_format" => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "text",
        "modalities" => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String && entry.GetString() == "text"),
        _ => false,
    };

    private static List<string>? ReadStops(Fields fields)
    {
        var stops = fields.TextOrTexts("stop");
        if (stops?.Count > MostStops)
            throw ApiException.Invalid("stop", $"'stop' holds {stops.Count} texts; {MostStops} are the most.");
        return stops?.Contains("") == true ? throw ApiException.Invalid("stop", "'stop' holds an empty text, before which every answer would end.") : stops is { Count: 0 } ? null : stops;
    }
}

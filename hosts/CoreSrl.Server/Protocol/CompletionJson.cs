using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Server.Protocol;

/// <summary>An answer as the protocol writes it, whole or in pieces.</summary>
/// <param name="model">Who answers.</param>
/// <param name="created">When.</param>
internal sealed class CompletionJson(ServedModel model, DateTimeOffset created)
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";

    /// <summary>The whole answer.</summary>
    public JsonObject Whole(string text, ChatEnd end) => Frame("chat.completion", [new JsonObject
    {
        ["index"] = 0,
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = null },
        ["logprobs"] = null,
        ["finish_reason"] = ReasonOf(end),
    }], UsageOf(end));

    /// <summary>The piece before the first, which says who speaks.</summary>
    public JsonObject Beginning() => Piece(new() { ["role"] = "assistant", ["content"] = "" }, null);

    /// <summary>A piece of text.</summary>
    public JsonObject Piece(string text) => Piece(new() { ["content"] = text }, null);

    /// <summary>The piece that says how it ended.</summary>
    public JsonObject Ending(ChatEnd end) => Piece([], ReasonOf(end));

    /// <summary>The piece that says what it took.</summary>
    public JsonObject Usage(ChatEnd end) => Frame("chat.completion.chunk", [], UsageOf(end));

    private JsonObject Piece(JsonObject delta, string? reason) =>
        Frame("chat.completion.chunk", [new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = reason }], null);

    private JsonObject Frame(string kind, JsonArray choices, JsonObject? usage)
    {
        var json = new JsonObject
        {
            ["id"] = _id,
            ["object"] = kind,
            ["created"] = created.ToUnixTimeSeconds(),
            ["model"] = model.Id,
            ["system_fingerprint"] = model.Fingerprint,
            ["choices"] = choices,
        };
        if (usage is not null)
            json["usage"] = usage;
        return json;
    }

    private static string ReasonOf(ChatEnd end) => end.IsComplete ? "stop" : "length";

    private static JsonObject UsageOf(ChatEnd end) => new()
    {
        ["prompt_tokens"] = end.PromptTokens,
        ["completion_tokens"] = end.AnswerTokens,
        ["total_tokens"] = end.PromptTokens + end.AnswerTokens,
    };
}

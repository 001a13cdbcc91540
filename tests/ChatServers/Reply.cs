using System.Text.Json.Nodes;

namespace CoreSrl.ChatServers;

/// <summary>What a server sends back.</summary>
/// <param name="Text">The answer.</param>
internal sealed record Reply(string Text)
{
    /// <summary>The status; an error unless it is 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What an error says.</summary>
    public string Error { get; init; } = "It went wrong.";

    /// <summary>What it asks for in <c>Retry-After</c>.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Whether it says how many tokens it took: a hundred for the prompt and ten for the answer.</summary>
    public bool TellsUsage { get; init; } = true;

    /// <summary>How long it takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>A body that is none in the protocol.</summary>
    public string? Raw { get; init; }

    /// <summary>The body.</summary>
    public JsonObject ToJson(Asked asked)
    {
        if (Status != 200)
            return new() { ["type"] = "error", ["error"] = new JsonObject { ["type"] = "some_error", ["message"] = Error } };
        return asked.Protocol == "openai" ? OpenAI(asked) : Claude(asked);
    }

    private JsonObject OpenAI(Asked asked)
    {
        var body = new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = asked.Model,
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = Text },
                ["finish_reason"] = "stop",
            }),
        };
        if (TellsUsage)
            body["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110 };
        return body;
    }

    private JsonObject Claude(Asked asked) => new()
    {
        ["id"] = "msg_1",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = asked.Model,
        ["content"] = Text.Length == 0 ? [] : new JsonArray(new JsonObject { ["type"] = "text", ["text"] = Text }),
        ["stop_reason"] = "end_turn",
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = TellsUsage ? 100 : 0, ["output_tokens"] = TellsUsage ? 10 : 0 },
    };
}

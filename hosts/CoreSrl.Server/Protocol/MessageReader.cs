using CoreSrl.Abstractions;

namespace CoreSrl.Server.Protocol;

/// <summary>Reads the messages of a request.</summary>
internal static class MessageReader
{
    /// <summary>The conversation.</summary>
    /// <exception cref="ApiException">There is none, or it holds what no model here reads.</exception>
    public static List<ChatTurn> Read(Fields request)
    {
        var messages = request.Objects("messages");
        return messages is null or []
            ? throw ApiException.Invalid("messages", "'messages' is missing: a list of { \"role\", \"content\" }, at least one.")
            : messages.ConvertAll(ReadTurn);
    }

    private static ChatTurn ReadTurn(Fields message)
    {
        var role = message.Text("role") switch
        {
            "developer" => "system", // What newer clients call it.
            "system" or "user" or "assistant" => message.Text("role")!,
            _ => throw message.Wrong("role", "system, developer, user or assistant"),
        };
        foreach (var field in new[] { "tool_calls", "function_call", "audio" })
        {
            if (message.Has(field))
                throw message.Wrong(field, "left out: it is not supported");
        }

        return new(role, message.IsList("content") ? ReadParts(message) : message.Text("content") ?? throw message.Wrong("content", "a text"));
    }

    private static string ReadParts(Fields message) => string.Concat(message.Objects("content")!.Select(part => part.Text("type") == "text"
        ? part.Text("text") ?? throw part.Wrong("text", "a text")
        : throw part.Wrong("type", "text: nothing else is read")));
}

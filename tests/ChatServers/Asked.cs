using System.Text.Json.Nodes;

namespace CoreSrl.ChatServers;

/// <summary>A request as it came in.</summary>
/// <param name="Protocol"><c>openai</c> or <c>claude</c>.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Messages">The conversation; a system prompt is its first message.</param>
/// <param name="Body">All of it.</param>
/// <param name="Key">The key that came with it.</param>
/// <param name="Number">How many came before it.</param>
internal sealed record Asked(string Protocol, string Model, IReadOnlyList<(string Role, string Text)> Messages, JsonObject Body, string? Key, int Number = 0)
{
    private const string BeforeChoices = "with nothing else:\n";

    /// <summary>What is to be answered.</summary>
    public string Question => Messages[^1].Text;

    /// <summary>The choices that it lists; none for free text.</summary>
    public IReadOnlyList<string> Choices => Question.Split(BeforeChoices) is [_, var list] ? list.Split('\n') : [];

    /// <summary>Reads a request for OpenAI's chat completions.</summary>
    public static Asked OpenAI(JsonObject body, string? key) => new("openai", (string)body["model"]!, Read(body), body, key);

    /// <summary>Reads a request for Anthropic's messages.</summary>
    public static Asked Claude(JsonObject body, string? key)
    {
        IEnumerable<(string, string)> system = body["system"] is { } prompt ? [("system", Text(prompt))] : [];
        return new("claude", (string)body["model"]!, [.. system, .. Read(body)], body, key);
    }

    private static IReadOnlyList<(string Role, string Text)> Read(JsonObject body) =>
        [.. body["messages"]!.AsArray().Select(message => ((string)message!["role"]!, Text(message["content"]!)))];

    private static string Text(JsonNode content) =>
        content is JsonArray parts ? string.Concat(parts.Select(part => (string)part!["text"]!)) : (string)content!;
}

using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>The options of an <c>openai</c> player: a model of OpenAI, or of any server that speaks its chat-completions protocol.</summary>
public sealed record OpenAIOptions : ChatModelOptions
{
    /// <summary>The server's address, up to what comes before <c>/chat/completions</c>: <c>http://localhost:8080/v1</c>.</summary>
    /// <value>Default: <c>https://api.openai.com/v1</c>.</value>
    public Uri BaseAddress { get; init; } = new("https://api.openai.com/v1");

    /// <summary>The name of the environment variable that holds the key. A server on this machine may do without one.</summary>
    /// <value>Default: <c>OPENAI_API_KEY</c>.</value>
    public string ApiKeyVariable { get; init; } = "OPENAI_API_KEY";

    /// <summary>How far the model strays from its likeliest answer.</summary>
    /// <value>Default: none, the server's own; some models take no other. Range: 0 to 2.</value>
    [Range(0.0, 2.0)]
    public double? Temperature { get; init; }

    /// <summary>Whether the request's seed goes along, so that a server which heeds it answers the same again. Some servers refuse what
    /// they do not know.</summary>
    /// <value>Default: true.</value>
    public bool SendSeed { get; init; } = true;

    internal override bool SendsSeed => SendSeed;

    internal override double? SentTemperature => Temperature;

    internal override Uri Address => BaseAddress;

    internal override string KeyVariable => ApiKeyVariable;
}

namespace CoreSrl.Plugins.ChatModels;

/// <summary>The options of a <c>claude</c> player: a model of Anthropic, or of a server that speaks its messages protocol.
/// That protocol takes neither a temperature nor a seed (any more), so there is no option for one.</summary>
public sealed record ClaudeOptions : ChatModelOptions
{
    /// <summary>The server's address, up to what comes before <c>/v1/messages</c>.</summary>
    /// <value>Default: <c>https://api.anthropic.com</c>.</value>
    public Uri BaseAddress { get; init; } = new("https://api.anthropic.com");

    /// <summary>The name of the environment variable that holds the key.</summary>
    /// <value>Default: <c>ANTHROPIC_API_KEY</c>.</value>
    public string ApiKeyVariable { get; init; } = "ANTHROPIC_API_KEY";

    internal override Uri Address => BaseAddress;

    internal override string KeyVariable => ApiKeyVariable;
}

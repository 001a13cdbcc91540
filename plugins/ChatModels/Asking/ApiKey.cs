namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>The key to a server, from the environment; what it is, is never told.</summary>
/// <param name="variable">The environment variable that holds it.</param>
/// <param name="value">The key.</param>
internal sealed class ApiKey(string variable, string value)
{
    // What a server that wants no key is given: the clients must have one.
    private const string None = "none";

    public string Variable => variable;

    public string Value => value;

    /// <summary>Reads it.</summary>
    /// <param name="options">Which variable, and for which server.</param>
    /// <param name="localNeedsNone">Whether a server on this machine may do without.</param>
    /// <exception cref="InvalidOperationException">There is none, or it cannot be sent.</exception>
    public static ApiKey Read(ChatModelOptions options, bool localNeedsNone)
    {
        var (variable, value) = (options.KeyVariable, Environment.GetEnvironmentVariable(options.KeyVariable)?.Trim());
        if (string.IsNullOrEmpty(value))
        {
            return options.ReplayOnly || (localNeedsNone && options.Address.IsLoopback)
                ? new(variable, None)
                : throw new InvalidOperationException($"the environment variable {variable} is not set. It must hold the key to {options.Address.Host}; ApiKeyVariable chooses another variable.");
        }

        return value.All(c => c is > ' ' and <= '~')
            ? new(variable, value)
            : throw new InvalidOperationException($"the environment variable {variable} holds something that cannot be a key: a space, a line break or a character that is not ASCII.");
    }

    /// <summary>A text without the key.</summary>
    public string Scrub(string text) => value == None ? text : text.Replace(value, "[key]", StringComparison.Ordinal);

    public override string ToString() => $"the key in {variable}";
}

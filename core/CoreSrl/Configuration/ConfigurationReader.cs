using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace CoreSrl.Configuration;

/// <summary>Reads the layers of a configuration: JSON, then <c>SRL_</c> environment variables, then single settings.</summary>
internal static class ConfigurationReader
{
    public const string EnvironmentPrefix = "SRL_";

    /// <summary>Reads the layers; later ones win.</summary>
    /// <param name="json">The text of the JSON layer.</param>
    /// <param name="name">What the JSON layer is called in messages.</param>
    /// <param name="settings">Each <c>Section:Key=value</c>.</param>
    /// <param name="withEnvironment">Whether environment variables are a layer.</param>
    /// <exception cref="ConfigurationException">The JSON is broken or a setting has no <c>=</c>.</exception>
    public static IConfigurationRoot Read(string json, string name, IReadOnlyList<string> settings, bool withEnvironment = true)
    {
        CheckSyntax(json, name);
        var builder = new ConfigurationBuilder();
        builder.Add(new NamedJsonSource(json, name));
        if (withEnvironment)
            builder.AddEnvironmentVariables(EnvironmentPrefix);
        builder.AddInMemoryCollection(settings.Select(ParseSetting).GroupBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase).Select(same => same.Last()));
        try
        {
            return builder.Build();
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{name}: {e.Message.TrimEnd('.')}. Keep one of the two.", e);
        }
    }

    /// <summary>Which layer a value comes from, for messages; null when none has it.</summary>
    public static string? OriginOf(IConfigurationRoot root, string path)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            if (!provider.TryGet(path, out _) && !provider.GetChildKeys([], path).Any())
                continue;
            return provider switch
            {
                EnvironmentVariablesConfigurationProvider => $"environment variable {EnvironmentPrefix}{path.Replace(":", "__", StringComparison.Ordinal)}",
                NamedJsonProvider named => named.Name,
                _ => "--set",
            };
        }

        return null;
    }

    private static KeyValuePair<string, string?> ParseSetting(string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new ConfigurationException($"--set {setting}: not of the form Section:Key=value. Example: --set Training:MaxEpisodes=100");
        return new(setting[..equals], setting[(equals + 1)..]);
    }

    /// <summary>Refuses text that is no JSON object.</summary>
    /// <exception cref="ConfigurationException">It is none; the message says where.</exception>
    public static void CheckSyntax(string json, string name)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using var document = JsonDocument.Parse(json, options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ConfigurationException($"{name}: a configuration is a JSON object, {{ \"Training\": … }}; this is {document.RootElement.ValueKind}.");
        }
        catch (JsonException e)
        {
            var reason = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            throw new ConfigurationException($"{name}, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not valid JSON: {reason}.", e);
        }
    }

    private sealed class NamedJsonSource(string json, string name) : JsonStreamConfigurationSource
    {
        public string Name => name;

        public override IConfigurationProvider Build(IConfigurationBuilder builder)
        {
            Stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
            return new NamedJsonProvider(this);
        }
    }

    private sealed class NamedJsonProvider(NamedJsonSource source) : JsonStreamConfigurationProvider(source)
    {
        public string Name => source.Name;
    }
}

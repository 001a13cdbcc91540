using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>A chat template as it is written, and the special tokens that it may name.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Template">The template.</param>
/// <param name="SpecialTokens">The texts of the special tokens by name: <c>bos_token</c>, <c>eos_token</c>, ….</param>
internal sealed record ChatTemplateSource(string File, string Template, IReadOnlyDictionary<string, string> SpecialTokens)
{
    private const string ConfigName = "tokenizer_config.json";
    private const string OwnFileName = "chat_template.jinja";
    private const long MaxLength = 16 << 20;
    private const string Remedy = "Fetch the model anew, or name a template as ChatTemplate";

    /// <summary>A model's own: <c>chat_template.jinja</c>, or <c>chat_template</c> of <c>tokenizer_config.json</c>; null when it has none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="ChatTemplateException">The folder's files are not what they should be.</exception>
    public static ChatTemplateSource? OfModel(string folder)
    {
        var (own, config) = (Path.Combine(folder, OwnFileName), Path.Combine(folder, ConfigName));
        if (System.IO.File.Exists(own))
            return OfFile(own, folder);
        if (ReadConfig(config) is not { } json || json["chat_template"] is not { } template)
            return null;
        var text = template is JsonArray named ? named.FirstOrDefault(entry => TextOf(entry, "name") == "default") is { } standard ? TextOf(standard, "template") : null
            : template is JsonValue value && value.TryGetValue<string>(out var single) ? single
            : null;
        return new(config, text ?? throw new ChatTemplateException(config, "its 'chat_template' is neither a text nor a list with one named 'default'", Remedy), SpecialTokensOf(json));
    }

    /// <summary>A file of its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The folder of the model whose special tokens it may name; null for none.</param>
    /// <exception cref="ChatTemplateException">It cannot be read.</exception>
    public static ChatTemplateSource OfFile(string path, string? folder)
    {
        var json = folder is null ? null : ReadConfig(Path.Combine(folder, ConfigName));
        return new(path, Read(path) ?? throw new ChatTemplateException(path, "there is no such file", "Name one that holds a chat template"), SpecialTokensOf(json));
    }

    private static Dictionary<string, string> SpecialTokensOf(JsonObject? config) => (config ?? [])
        .Where(entry => entry.Key.EndsWith("_token", StringComparison.Ordinal))
        .Select(entry => (entry.Key, Text: entry.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : TextOf(entry.Value, "content")))
        .Where(entry => entry.Text is not null)
        .ToDictionary(entry => entry.Key, entry => entry.Text!);

    private static string? TextOf(JsonNode? entry, string key) =>
        entry is JsonObject json && json[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonObject? ReadConfig(string path)
    {
        if (Read(path) is not { } text)
            return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new ChatTemplateException(path, "it is not a JSON object", Remedy);
        }
        catch (JsonException e)
        {
            throw new ChatTemplateException(path, $"it is not JSON: {e.Message.TrimEnd('.')}", Remedy, e);
        }
    }

    private static string? Read(string path)
    {
        if (new FileInfo(path) is not { Exists: true } file)
            return null;
        return file.Length <= MaxLength
            ? System.IO.File.ReadAllText(path)
            : throw new ChatTemplateException(path, $"it takes {file.Length} bytes; more than {MaxLength} are not plausible", Remedy);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Configuration;

/// <summary>A place for checkpoints that is named in a word, as a command line does.</summary>
/// <remarks>
/// A name with <c>://</c> in it is a URL: what stands before is the storage plugin's name, and the plugin gets the whole as its option
/// <c>Url</c>. A name that ends in <c>.json</c> is a configuration file, whose section <c>Checkpoints</c> says the storage; of its
/// other sections only <c>Plugins</c> is looked at, and the lock beside it holds too. Anything else is a folder of this machine. Environment variables change none of it:
/// they are about the configuration that the command uses otherwise.
/// </remarks>
internal static class StoragePlace
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>A configuration whose section <c>Checkpoints</c> says the storage of a place.</summary>
    /// <param name="place">The place.</param>
    /// <param name="config">The configuration in use otherwise: its <c>Plugins</c> hold where no configuration file has its own.</param>
    /// <exception cref="ConfigurationException">There is no such file, or it cannot be used.</exception>
    public static MultiModelConfig Resolve(string place, MultiModelConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        var plugins = JsonSerializer.SerializeToNode(config.Plugins);
        if (place.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            var file = Read(place);
            return MultiModelConfig.OfCheckpoints(place, file["Checkpoints"], file["Plugins"] ?? plugins, [.. config.PluginLocks, MultiModelConfig.LockBeside(place)]);
        }

        return MultiModelConfig.OfCheckpoints(NameOf(place), Checkpoints(place), plugins, config.PluginLocks);
    }

    /// <summary>What a folder or URL is called in messages: of a URL only its beginning, since in a wrong one a secret may stand behind.</summary>
    public static string NameOf(string place) => place.IndexOf("://", StringComparison.Ordinal) is > 0 and var end ? $"{place[..end]}://…" : place;

    /// <summary>The section <c>Checkpoints</c> that says the storage of a folder or URL.</summary>
    public static JsonObject Checkpoints(string place) => place.IndexOf("://", StringComparison.Ordinal) is > 0 and var end
        ? new() { ["Storage"] = new JsonObject { ["Use"] = place[..end], ["Url"] = place } }
        : new() { ["Directory"] = place };

    private static JsonObject Read(string path)
    {
        var text = MultiModelConfig.ReadFile(path);
        ConfigurationReader.CheckSyntax(text, path);
        try
        {
            var document = JsonNode.Parse(text, new() { PropertyNameCaseInsensitive = true }, Lenient)!.AsObject();
            return document["Checkpoints"] is JsonObject ? document : throw new ConfigurationException($"{path}: it has no section \"Checkpoints\", which would say where the checkpoints lie. Example: {{ \"Checkpoints\": {{ \"Directory\": \"/backup\" }} }}");
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"{path}: {e.Message}", e); // A key that is there twice.
        }
    }
}

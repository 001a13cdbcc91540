using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Plugins;

/// <summary>What a plugin needs, by its own list: the <c>.deps.json</c> that the SDK writes beside its assembly.</summary>
internal static class PluginDependencies
{
    /// <summary>Which file that the list names is not in the plugin's folder, or that the list is none; null when all is there.</summary>
    /// <remarks>Of a package's files the list has the path in the package, but they lie at the top. What there is for other systems,
    /// which nobody may miss here, is passed over, and so is what the program shares.</remarks>
    public static string? Problem(PluginFolder folder)
    {
        try
        {
            var list = JsonNode.Parse(File.ReadAllText(folder.DependenciesPath))?.AsObject();
            // Without a name here, the part of .NET that reads the list when the plugin is loaded ends the whole process.
            if (list?["runtimeTarget"] is not JsonObject target || (string?)target["name"] is not { Length: > 0 } || list["targets"] is not JsonObject targets)
                return NoList(folder);
            var libraries = targets.SelectMany(target => target.Value?.AsObject() ?? []).Select(library => library.Value).OfType<JsonNode>();
            var files = libraries.SelectMany(library => Files(library, "runtime").Concat(Files(library, "native")));
            var missing = files.FirstOrDefault(file => file != "_._" && !PluginLoadContexts.IsShared(Path.GetFileNameWithoutExtension(file)) && !File.Exists(Path.Combine(folder.Path, file)));
            return missing is null ? null : $"its {missing} is missing";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return NoList(folder);
        }
    }

    private static string NoList(PluginFolder folder) => $"its {Path.GetFileName(folder.DependenciesPath)} is not the list of dependencies that the SDK writes";

    private static IEnumerable<string> Files(JsonNode library, string kind) => library[kind]?.AsObject().Select(file => Path.GetFileName(file.Key)) ?? [];
}

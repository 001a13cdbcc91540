using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Installing;

/// <summary>Whether a folder is a plugin that this program can use, seen without loading any of its code.</summary>
internal static class PluginCheck
{
    /// <summary>What the program has once for all plugins. A second copy of the contracts would be another contract, and a second
    /// libtorch aborts the process.</summary>
    private static readonly string[] Shared = ["CoreSrl.dll", "CoreSrl.Abstractions.dll", "CoreSrl.Torch.dll", "TorchSharp.dll"];

    /// <summary>Looks at a folder.</summary>
    /// <param name="source">What it is called in messages.</param>
    /// <param name="path">The folder.</param>
    /// <returns>The name of its assembly, and the plugins in it.</returns>
    /// <exception cref="ConfigurationException">It is none; the message says why.</exception>
    public static (string Assembly, IReadOnlyList<PluginDescriptor> Plugins) Of(string source, string path)
    {
        var plugins = PluginCatalog.Look(path, out var problem);
        if (plugins.Count == 0)
            throw new ConfigurationException($"{source} is no plugin: {problem ?? "it holds no .deps.json file; name the folder that 'dotnet publish' laid out"}.");
        var folder = PluginFolder.Of(plugins[0].AssemblyPath);
        if (folder.Files().FirstOrDefault(IsShared) is { } copy)
            throw new ConfigurationException($"{source} brings its own {copy}, which the program has once for all plugins. Mark the reference in its project ExcludeAssets=\"runtime\" (for TorchSharp and libtorch \"runtime;native\") and publish it again.");
        if (plugins.Select(PluginRefusals.OfLevel).FirstOrDefault(refusal => refusal is not null) is { } level)
            throw new ConfigurationException($"{source}: {level}");
        if (Missing(folder) is [var first, .. var others])
            throw new ConfigurationException($"{source} is not complete: {first}{(others.Length == 0 ? "" : $" and {others.Length} more files")}, which its .deps.json names, is not there. Name the folder that 'dotnet publish' laid out.");
        return (folder.Assembly, plugins);
    }

    /// <summary>The files that a plugin's own list of dependencies names, and that are not in its folder.</summary>
    /// <remarks>Of a package's assemblies the list has the path in the package, and they lie at the top; what differs from system to
    /// system (<c>runtimeTargets</c>) lies as it is listed.</remarks>
    public static string[] Missing(PluginFolder folder)
    {
        try
        {
            var libraries = JsonNode.Parse(File.ReadAllText(folder.DependenciesPath))?["targets"]?.AsObject()
                .SelectMany(target => target.Value!.AsObject()).Select(library => library.Value!) ?? [];
            var files = libraries.SelectMany(library =>
                Keys(library, "runtime").Select(file => Path.GetFileName(file)).Concat(Keys(library, "native").Select(file => Path.GetFileName(file))).Concat(Keys(library, "runtimeTargets")));
            return [.. files.Where(file => !file.EndsWith("/_._", StringComparison.Ordinal) && file != "_._" && !File.Exists(Path.Combine(folder.Path, file)))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [Path.GetFileName(folder.DependenciesPath)];
        }
    }

    private static IEnumerable<string> Keys(JsonNode library, string kind) => library[kind]?.AsObject().Select(file => file.Key) ?? [];

    private static bool IsShared(string file)
    {
        var name = Path.GetFileName(file);
        return Shared.Contains(name, StringComparer.OrdinalIgnoreCase)
            || name.Contains("LibTorchSharp", StringComparison.Ordinal)
            || name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("torch_", StringComparison.Ordinal);
    }
}

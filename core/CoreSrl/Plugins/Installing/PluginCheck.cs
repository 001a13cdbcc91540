using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Installing;

/// <summary>Whether a folder is a plugin that this program can use, seen without loading any of its code.</summary>
internal static class PluginCheck
{
    /// <summary>What a plugin must not bring along. A second copy of the contracts would be another contract, and a second libtorch
    /// aborts the process.</summary>
    private static readonly string[] Unwanted = ["CoreSrl.dll", "CoreSrl.Abstractions.dll", "CoreSrl.Torch.dll", "TorchSharp.dll"];

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
        if (problem is not null)
            throw new ConfigurationException($"{source} is not complete: {problem}. Name the folder that 'dotnet publish' laid out.");
        if (plugins.FirstOrDefault(plugin => plugin.Problem is not null) is { Problem: { } bad })
            throw new ConfigurationException($"{source}: {bad}");
        if (plugins.GroupBy(plugin => (plugin.Contract, plugin.Name.ToUpperInvariant())).FirstOrDefault(named => named.Count() > 1) is { } twins)
            throw new ConfigurationException($"{source}: {PluginRefusals.OfTwins([.. twins])}");
        var folder = PluginFolder.Of(plugins[0].AssemblyPath);
        if (folder.Assembly is "" or ['.', ..])
            throw new ConfigurationException($"{source}: its assembly is called '{folder.Assembly}', and so would be its folder; one whose name begins with a dot is nobody's plugin. Give the assembly another name.");
        if (folder.Files().FirstOrDefault(IsUnwanted) is { } copy)
            throw new ConfigurationException($"{source} brings its own {copy}, which the program has once for all plugins. Mark the reference in its project ExcludeAssets=\"runtime\" (for TorchSharp and libtorch \"runtime;native\") and publish it again.");
        if (plugins.Select(plugin => PluginRefusals.OfLevel(plugin with { AssemblyPath = source })).FirstOrDefault(refusal => refusal is not null) is { } level)
            throw new ConfigurationException(level);
        if (PluginDependencies.Problem(folder) is { } problematic)
            throw new ConfigurationException($"{source} is not complete: {problematic}. Name the folder that 'dotnet publish' laid out.");
        return (folder.Assembly, plugins);
    }

    private static bool IsUnwanted(string file)
    {
        var name = Path.GetFileName(file);
        return Unwanted.Contains(name, StringComparer.OrdinalIgnoreCase)
            || name.Contains("LibTorchSharp", StringComparison.Ordinal)
            || name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("torch_", StringComparison.Ordinal);
    }
}

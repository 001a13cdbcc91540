using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Locking;
using CoreSrl.Plugins.Safety;

namespace CoreSrl.Plugins;

/// <summary>Says, before any of its code is loaded, which plugin a configuration must not get.</summary>
internal sealed class PluginRefusals(MultiModelConfig config)
{
    private readonly bool _allowsWriters = config.Plugins.AllowWritableByOthers;
    private readonly Lazy<IReadOnlyList<PluginLock>> _locks = new(() => [.. config.PluginLocks.Distinct().Select(PluginLock.Read).OfType<PluginLock>()]);
    private readonly Dictionary<string, string?> _known = new(StringComparer.Ordinal);

    /// <summary>Refuses a plugin directory to which others may write. The program's own they can change with the program.</summary>
    /// <exception cref="ConfigurationException">They may.</exception>
    public void CheckDirectory(string directory)
    {
        if (!_allowsWriters && directory != PluginCatalog.ProgramDirectory && ForeignWriters.OfDirectory(directory) is { } writer)
            throw new ConfigurationException($"Plugins:Directories: {directory} is not safe to load code from: {writer}. {ForeignWriters.Remedy}.");
    }

    /// <summary>Why a plugin is refused; null when it is not.</summary>
    /// <exception cref="ConfigurationException">A lock of the configuration cannot be read.</exception>
    public string? Of(PluginDescriptor plugin)
    {
        if (plugin.LoadedType is not null)
            return null;
        if (OfLevel(plugin) is { } level)
            return level;
        if (!_known.TryGetValue(plugin.AssemblyPath, out var reason))
            _known[plugin.AssemblyPath] = reason = OfFiles(plugin);
        return reason is null ? null : $"plugin '{plugin.Name}' is refused: {reason}";
    }

    /// <summary>Why a plugin's contracts do not fit; null when they do.</summary>
    public static string? OfLevel(PluginDescriptor plugin)
    {
        var supported = ApiLevel.OldestSupported == ApiLevel.Current ? $"{ApiLevel.Current}" : $"{ApiLevel.OldestSupported} to {ApiLevel.Current}";
        return plugin.ApiLevel switch
        {
            null => $"plugin '{plugin.Name}' does not say for which API level it was built ({plugin.AssemblyPath}); this program has level {supported}. Build it against the package CoreSrl.Abstractions.",
            > ApiLevel.Current => $"plugin '{plugin.Name}' was built for API level {plugin.ApiLevel}, this program has level {supported} ({plugin.AssemblyPath}). Update Core SRL, or use an older version of the plugin.",
            < ApiLevel.OldestSupported => $"plugin '{plugin.Name}' was built for API level {plugin.ApiLevel}, this program has level {supported} ({plugin.AssemblyPath}). Use a newer version of the plugin.",
            _ => null,
        };
    }

    /// <summary>What to say of plugins that bear one name.</summary>
    public static string OfTwins(IReadOnlyList<PluginDescriptor> twins)
    {
        var isOneAssembly = twins.All(twin => twin.AssemblyPath == twins[0].AssemblyPath);
        return $"'{twins[0].Name}' is the name of {twins.Count} plugins{(isOneAssembly
            ? $" in {Path.GetFileName(twins[0].AssemblyPath)}, the classes {string.Join(", ", twins.Select(twin => twin.TypeName))}. Give all but one another name."
            : $": {string.Join(", ", twins.Select(twin => twin.AssemblyPath))}. Remove all but one.")}";
    }

    private string? OfFiles(PluginDescriptor plugin)
    {
        var folder = PluginFolder.Of(plugin.AssemblyPath);
        if (folder.Unreadable() is { } unreadable)
            return unreadable;
        if (!_allowsWriters && !plugin.BelongsToProgram && ForeignWriters.OfContent(folder.Path) is { } writer)
            return $"{writer}. {ForeignWriters.Remedy}.";
        if (_locks.Value.Select(known => known.Differs(folder)).FirstOrDefault(difference => difference is not null) is { } difference)
            return difference;
        return !plugin.BelongsToProgram && PluginDependencies.Problem(folder) is { } problem
            ? $"{problem} ({folder.Path}). Install it again with all it depends on, as 'dotnet publish' lays it out."
            : null;
    }
}

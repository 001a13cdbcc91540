using System.Reflection;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins;

/// <summary>All plugins that can be selected: the engine's own, those in the plugin directories and those the program brings along.</summary>
public sealed class PluginCatalog
{
    private static readonly Type[] Own = [.. typeof(PluginCatalog).Assembly.GetExportedTypes().Where(type => type.GetCustomAttribute<PluginAttribute>() is not null)];

    private readonly List<PluginDescriptor> _plugins;
    private readonly IReadOnlyList<string> _directories;

    private PluginCatalog(List<PluginDescriptor> plugins, IReadOnlyList<string> directories)
    {
        _plugins = plugins;
        _directories = directories;
    }

    /// <summary>The plugins, by contract and name.</summary>
    public IReadOnlyList<PluginDescriptor> Plugins => _plugins;

    /// <summary>
    /// Looks through the program's folder <c>plugins</c> and the given directories: each folder in them with one <c>.deps.json</c> is a
    /// plugin, its assembly the <c>.dll</c> of the same name.
    /// </summary>
    /// <param name="directories">Further directories; a relative one is looked for under the current directory, then under the program's.</param>
    /// <param name="types">Plugin classes that the program brings along.</param>
    /// <exception cref="ConfigurationException">A directory does not exist, or a class is no plugin.</exception>
    public static PluginCatalog Discover(IReadOnlyList<string> directories, params IReadOnlyList<Type> types)
    {
        var searched = new List<string>();
        var own = Path.Combine(AppContext.BaseDirectory, "plugins");
        if (Directory.Exists(own))
            searched.Add(own);
        foreach (var directory in directories)
        {
            string[] places = [Path.GetFullPath(directory), Path.GetFullPath(directory, AppContext.BaseDirectory)];
            var found = places.Where(Directory.Exists).ToList();
            if (found.Count == 0)
                throw new ConfigurationException($"Plugins:Directories: there is no directory '{directory}' (looked for {string.Join(" and ", places.Distinct())}). Create it or remove the entry.");
            searched.AddRange(found);
        }

        searched = [.. searched.Select(Path.TrimEndingDirectorySeparator).Distinct()];
        var plugins = searched.SelectMany(PluginAssemblies).Distinct().SelectMany(Read).Concat(Own.Concat(types).SelectMany(Describe));
        return new([.. plugins.OrderBy(p => p.Contract).ThenBy(p => p.Name, StringComparer.Ordinal)], searched);
    }

    /// <summary>The plugin of a contract and name.</summary>
    /// <exception cref="ConfigurationException">There is none, there are two, or it was built against contracts that do not fit.</exception>
    public PluginDescriptor Find(PluginContract contract, PluginSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var path = $"{selection.Path}:Use";
        var named = _plugins.Where(p => p.Contract == contract && string.Equals(p.Name, selection.Use, StringComparison.OrdinalIgnoreCase)).ToList();
        if (named.Count == 0)
        {
            var known = _plugins.Where(p => p.Contract == contract).Select(p => p.Name);
            throw new ConfigurationException(
                $"{path}: there is no {contract.Describe()} called '{selection.Use}'. {NearestMatch.Suggest(selection.Use, known)} Looked in: {string.Join(", ", _directories)}.");
        }

        if (named.Count > 1)
            throw new ConfigurationException($"{path}: '{selection.Use}' is the name of {named.Count} plugins: {string.Join(", ", named.Select(p => p.AssemblyPath))}. Remove all but one.");
        CheckApiLevel(named[0], path);
        return named[0];
    }

    private static void CheckApiLevel(PluginDescriptor plugin, string path)
    {
        var supported = ApiLevel.OldestSupported == ApiLevel.Current ? $"{ApiLevel.Current}" : $"{ApiLevel.OldestSupported} to {ApiLevel.Current}";
        switch (plugin.ApiLevel)
        {
            case null:
                throw new ConfigurationException($"{path}: plugin '{plugin.Name}' does not say for which API level it was built ({plugin.AssemblyPath}); this program has level {supported}. Build it against the package CoreSrl.Abstractions.");
            case > ApiLevel.Current:
                throw new ConfigurationException($"{path}: plugin '{plugin.Name}' was built for API level {plugin.ApiLevel}, this program has level {supported} ({plugin.AssemblyPath}). Update Core SRL, or use an older version of the plugin.");
            case < ApiLevel.OldestSupported:
                throw new ConfigurationException($"{path}: plugin '{plugin.Name}' was built for API level {plugin.ApiLevel}, this program has level {supported} ({plugin.AssemblyPath}). Use a newer version of the plugin.");
        }
    }

    private static IEnumerable<string> PluginAssemblies(string directory) =>
        from folder in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal)
        let manifests = Directory.GetFiles(folder, "*.deps.json")
        where manifests.Length == 1
        let assembly = manifests[0][..^".deps.json".Length] + ".dll"
        where File.Exists(assembly)
        select assembly;

    private static IReadOnlyList<PluginDescriptor> Read(string assemblyPath)
    {
        try
        {
            return PluginManifest.Read(assemblyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            throw new ConfigurationException($"Plugins:Directories: {assemblyPath} cannot be read as an assembly: {e.Message.TrimEnd('.')}. Install the plugin again, or remove its folder.", e);
        }
    }

    private static IEnumerable<PluginDescriptor> Describe(Type type)
    {
        var attribute = type.GetCustomAttribute<PluginAttribute>();
        var contracts = type.GetInterfaces().Select(PluginContracts.Of).OfType<PluginContract>().Distinct().ToList();
        if (attribute is null || contracts.Count == 0)
            throw new ConfigurationException($"{type.FullName} is no plugin: it needs the attribute [Plugin(\"name\")] and one of the contracts.");
        return contracts.Select(contract => new PluginDescriptor
        {
            Name = attribute.Name,
            Description = attribute.Description,
            Contract = contract,
            TypeName = type.FullName!,
            AssemblyPath = type.Assembly.Location,
            ApiLevel = ApiLevel.Current,
            Version = type.Assembly.GetName().Version ?? new(0, 0),
            LoadedType = type,
        });
    }
}

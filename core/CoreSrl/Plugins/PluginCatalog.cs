using System.Reflection;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins;

/// <summary>All plugins that can be selected: the engine's own, those in the plugin directories and those the program brings along.</summary>
public sealed class PluginCatalog
{
    private static readonly Type[] Own = [.. typeof(PluginCatalog).Assembly.GetExportedTypes().Where(type => type.GetCustomAttribute<PluginAttribute>() is not null)];

    private readonly PluginRefusals _refusals;

    private PluginCatalog(IReadOnlyList<PluginDescriptor> plugins, IReadOnlyList<PluginProblem> problems, IReadOnlyList<string> directories, PluginRefusals refusals)
    {
        Plugins = plugins;
        Problems = problems;
        Directories = directories;
        _refusals = refusals;
    }

    /// <summary>The plugins, by contract and name; some may be refused.</summary>
    public IReadOnlyList<PluginDescriptor> Plugins { get; }

    /// <summary>The folders in which no plugin can be found, or one less, though it looks as if one should be.</summary>
    public IReadOnlyList<PluginProblem> Problems { get; }

    /// <summary>The plugin directories, in full, the program's own first.</summary>
    public IReadOnlyList<string> Directories { get; }

    /// <summary>The folder of the plugins that the program brings along as files.</summary>
    public static string ProgramDirectory { get; } = Path.Combine(AppContext.BaseDirectory, "plugins");

    /// <summary>
    /// Looks through the program's folder <c>plugins</c> and the directories that a configuration names: each folder in them with one
    /// <c>.deps.json</c> is a plugin, its assembly the <c>.dll</c> of the same name. Loads none of their code.
    /// </summary>
    /// <param name="config">The configuration; a relative directory is looked for under the current directory, then under the program's.</param>
    /// <param name="types">Plugin classes that the program brings along.</param>
    /// <exception cref="ConfigurationException">A directory does not exist, or others may write to it; or a class is no plugin.</exception>
    public static PluginCatalog Discover(MultiModelConfig config, params IReadOnlyList<Type> types)
    {
        ArgumentNullException.ThrowIfNull(config);
        List<string> directories =
        [
            .. Directory.Exists(ProgramDirectory) ? [ProgramDirectory] : Array.Empty<string>(),
            .. config.Plugins.Directories.SelectMany(PlacesOf),
        ];
        directories = [.. directories.Select(Path.TrimEndingDirectorySeparator).Distinct()];
        var refusals = new PluginRefusals(config);
        foreach (var directory in directories)
            refusals.CheckDirectory(directory);
        var problems = new List<PluginProblem>();
        var plugins = Own.Concat(types).SelectMany(Describe).ToList();
        foreach (var folder in directories.SelectMany(PluginFolder.In))
        {
            plugins.AddRange(Look(folder, out var problem));
            if (problem is not null)
                problems.Add(new(folder, problem));
        }

        return new([.. plugins.OrderBy(p => p.Contract).ThenBy(p => p.Name, StringComparer.Ordinal)], problems, directories, refusals);
    }

    /// <summary>The plugin of a contract and name.</summary>
    /// <exception cref="ConfigurationException">There is none, there are two, or it is refused.</exception>
    public PluginDescriptor Find(PluginContract contract, PluginSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var path = $"{selection.Path}:Use";
        var named = Named(contract, selection.Use).ToList();
        if (named.Count == 0)
        {
            var known = Plugins.Where(p => p.Contract == contract).Select(p => p.Name);
            if (contract == PluginContract.Storage && selection.Path == FastTierSelection.Section && selection.Section["Url"] is null)
                known = known.Append(FastTierSelection.Use); // No plugin, but what may stand there.
            var unread = Problems.Count == 0 ? "" : $" No plugin was found in {string.Join("; nor in ", Problems.Select(p => $"{p.Path}: {p.Problem}"))}.";
            throw new ConfigurationException(
                $"{path}: there is no {contract.Describe()} called '{selection.Use}'. {NearestMatch.Suggest(selection.Use, known)} Looked in: {string.Join(", ", Directories)}.{unread}");
        }

        return RefusalOf(named[0]) is { } refusal ? throw new ConfigurationException($"{path}: {refusal}") : named[0];
    }

    /// <summary>Why a plugin must not be loaded, in a sentence or two: its class cannot be one, another has its name, it was built for contracts that do not fit,
    /// is not as it was locked, misses a file, or others may write to its files. Null when it may be loaded.</summary>
    /// <exception cref="ConfigurationException">The configuration's lock cannot be read.</exception>
    public string? RefusalOf(PluginDescriptor plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        if (plugin.Problem is { } problem)
            return $"{plugin.AssemblyPath}: {problem}";
        return Named(plugin.Contract, plugin.Name).ToList() is { Count: > 1 } twins
            ? PluginRefusals.OfTwins(twins)
            : _refusals.Of(plugin);
    }

    private IEnumerable<PluginDescriptor> Named(PluginContract contract, string name) =>
        Plugins.Where(plugin => plugin.Contract == contract && string.Equals(plugin.Name, name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> PlacesOf(string directory)
    {
        string[] places = [Path.GetFullPath(directory), Path.GetFullPath(directory, AppContext.BaseDirectory)];
        return places.Any(Directory.Exists)
            ? places.Where(Directory.Exists)
            : throw new ConfigurationException($"Plugins:Directories: there is no directory '{directory}' (looked for {string.Join(" and ", places.Distinct())}). Create it or remove the entry.");
    }

    /// <summary>The plugins in the folders of a directory.</summary>
    internal static IEnumerable<PluginDescriptor> Look(string directory) => PluginFolder.In(directory).SelectMany(folder => Look(folder, out _));

    /// <summary>The plugins in a folder; if there is none, or one less than there seems to be meant to be, says why.</summary>
    internal static IReadOnlyList<PluginDescriptor> Look(string path, out string? problem)
    {
        try
        {
            if (PluginFolder.Find(path, out problem) is not { } folder)
                return [];
            var plugins = PluginManifest.Read(folder.AssemblyPath, out problem);
            if (plugins.Count == 0)
                problem ??= $"{folder.Assembly}.dll holds no class with the attribute [Plugin] and a contract";
            return plugins;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            problem = $"it cannot be read: {e.Message.TrimEnd('.')}";
            return [];
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

using CoreSrl.Configuration;
using CoreSrl.Plugins.Safety;

namespace CoreSrl.Plugins.Installing;

/// <summary>Puts plugins into plugin directories, and takes them out again, each in one step.</summary>
/// <param name="config">Says which plugin directories there are, and whether others may write to them.</param>
public sealed class PluginInstaller(MultiModelConfig config)
{
    /// <summary>Where a plugin is added unless told otherwise: the first plugin directory of the configuration that is not the program's own.</summary>
    /// <exception cref="ConfigurationException">It names none.</exception>
    public string DefaultDirectory => config.Plugins.Directories.Select(directory => Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))).FirstOrDefault(directory => directory != PluginCatalog.ProgramDirectory)
        ?? throw new ConfigurationException("The configuration names no plugin directory. Say where the plugin is to go, with --to DIR or with \"Plugins\": { \"Directories\": [ \"plugins\" ] }.");

    /// <summary>Adds a plugin.</summary>
    /// <param name="source">The folder that <c>dotnet publish</c> laid out, or a <c>.nupkg</c> that <c>dotnet pack</c> made of it.</param>
    /// <param name="directory">The plugin directory; created where it is not there.</param>
    /// <param name="replace">Whether it may take the place of what is there of the same assembly.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ConfigurationException">It is no plugin that this program can use, or others are in its way; nothing was changed.</exception>
    /// <exception cref="IOException">It cannot be read or written; nothing was changed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was changed.</exception>
    public InstalledPlugin Add(string source, string directory, bool replace, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (directory == PluginCatalog.ProgramDirectory)
            throw new ConfigurationException($"{directory} is the program's own folder, which an update of it replaces. Name another with --to DIR.");
        CheckSafe(directory);
        var missing = MissingOf(directory);
        try
        {
            Directory.CreateDirectory(directory);
            using var staging = new StagingFolder(directory);
            return Add(source, directory, staging, replace, cancellationToken);
        }
        catch
        {
            foreach (var made in missing.Where(made => Directory.Exists(made) && !Directory.EnumerateFileSystemEntries(made).Any()))
                Directory.Delete(made);
            throw;
        }
    }

    /// <summary>Removes the folder of a plugin, with all plugins of its assembly.</summary>
    /// <exception cref="ConfigurationException">The program brings it along.</exception>
    /// <exception cref="IOException">It cannot be removed; nothing was changed.</exception>
    public static void Remove(PluginDescriptor plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        if (plugin.BelongsToProgram)
            throw new ConfigurationException($"'{plugin.Name}' belongs to the program itself and cannot be removed; nothing uses it that no configuration selects.");
        var folder = PluginFolder.Of(plugin.AssemblyPath).Path;
        using var staging = new StagingFolder(Path.GetDirectoryName(folder)!);
        Directory.Move(folder, staging["old"]);
    }

    private InstalledPlugin Add(string source, string directory, StagingFolder staging, bool replace, CancellationToken cancellationToken)
    {
        var staged = Directory.CreateDirectory(staging["new"]).FullName;
        PluginPackage.LayOut(source, staged, cancellationToken);
        var (assembly, plugins) = PluginCheck.Of(source, staged);
        var place = Path.Combine(directory, assembly);
        CheckFree(plugins, directory, place, replace);
        KeepOthersFromWriting(staged);
        cancellationToken.ThrowIfCancellationRequested();
        var replaces = Directory.Exists(place);
        if (replaces)
            Directory.Move(place, staging["old"]);
        try
        {
            Directory.Move(staged, place);
        }
        catch when (replaces)
        {
            Directory.Move(staging["old"], place);
            throw;
        }

        return new(place, [.. plugins.Select(plugin => plugin with { AssemblyPath = Path.Combine(place, Path.GetFileName(plugin.AssemblyPath)) })], replaces);
    }

    /// <summary>Refuses a directory from which nothing would be loaded afterwards.</summary>
    private void CheckSafe(string directory)
    {
        var existing = MissingOf(directory) is [.., var highest] ? Path.GetDirectoryName(highest)! : directory;
        if (!config.Plugins.AllowWritableByOthers && ForeignWriters.OfDirectory(existing) is { } writer)
            throw new ConfigurationException($"{directory} is no safe place for code: {writer}. {ForeignWriters.Remedy}.");
    }

    /// <summary>A directory and those above it, as far as they are not there.</summary>
    /// <exception cref="ConfigurationException">A file is in their place.</exception>
    private static List<string> MissingOf(string directory)
    {
        var missing = new List<string>();
        for (var path = directory; !Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent; path = parent)
        {
            if (File.Exists(path))
                throw new ConfigurationException($"{directory} cannot be a plugin directory: {path} is a file. Name another with --to DIR.");
            missing.Add(path);
        }

        return missing;
    }

    private void CheckFree(IReadOnlyList<PluginDescriptor> plugins, string directory, string place, bool replace)
    {
        var there = PluginCatalog.Discover(config).Plugins.Concat(PluginCatalog.Look(directory)).ToList();
        foreach (var plugin in plugins)
        {
            var twin = there.Find(other => other.Contract == plugin.Contract && string.Equals(other.Name, plugin.Name, StringComparison.OrdinalIgnoreCase) && !IsIn(place, other));
            if (twin is not null)
                throw new ConfigurationException($"There is another {plugin.Contract.Describe()} called '{plugin.Name}': {twin.AssemblyPath}. {(twin.BelongsToProgram ? "It belongs to the program; give the new one another name." : $"Remove that one first: srl plugins remove {twin.Name}.")}");
        }

        if (!Directory.Exists(place))
            return;
        if (there.Find(other => IsIn(place, other)) is not { } old)
            throw new ConfigurationException($"{place} is there already and holds no plugin. Move it away.");
        if (!replace)
            throw new ConfigurationException($"{place} is there already, in version {old.Version}. To put version {plugins[0].Version} in its place, say --replace.");
    }

    private static bool IsIn(string place, PluginDescriptor plugin) => Path.GetDirectoryName(plugin.AssemblyPath) == place;

    private static void KeepOthersFromWriting(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Prepend(new DirectoryInfo(folder)))
            entry.UnixFileMode &= ~(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
    }
}

using CoreSrl.Plugins.Safety;

namespace CoreSrl.Plugins;

/// <summary>A folder of a plugin directory that holds an assembly and all it needs.</summary>
/// <param name="Path">The folder, in full.</param>
/// <param name="Assembly">The name of the assembly: <c>Acme.Srl.Foo</c>.</param>
internal sealed record PluginFolder(string Path, string Assembly)
{
    private const string Dependencies = ".deps.json";

    /// <summary>The full path of the assembly.</summary>
    public string AssemblyPath => System.IO.Path.Combine(Path, $"{Assembly}.dll");

    /// <summary>The full path of the list of what it depends on.</summary>
    public string DependenciesPath => System.IO.Path.Combine(Path, $"{Assembly}{Dependencies}");

    /// <summary>The folder of an assembly.</summary>
    public static PluginFolder Of(string assemblyPath) =>
        new(System.IO.Path.GetDirectoryName(assemblyPath)!, System.IO.Path.GetFileNameWithoutExtension(assemblyPath));

    /// <summary>The folders of a plugin directory; one whose name begins with a dot is nobody's plugin (yet, or any more).</summary>
    public static IEnumerable<string> In(string directory) =>
        Directory.EnumerateDirectories(directory).Where(folder => !System.IO.Path.GetFileName(folder).StartsWith('.')).Order(StringComparer.Ordinal);

    /// <summary>Looks whether a folder is one; if it is not, but was perhaps meant to be, says why.</summary>
    public static PluginFolder? Find(string path, out string? problem)
    {
        problem = null;
        var manifests = Directory.GetFiles(path, $"*{Dependencies}");
        if (manifests.Length == 1)
        {
            var folder = new PluginFolder(path, System.IO.Path.GetFileName(manifests[0])[..^Dependencies.Length]);
            if (File.Exists(folder.AssemblyPath) && !SpecialFile.IsAt(folder.AssemblyPath))
                return folder;
            problem = $"{folder.Assembly}.dll {(File.Exists(folder.AssemblyPath) ? SpecialFile.Kind : $"is missing beside its {Dependencies} file")}";
        }
        else if (Directory.EnumerateFiles(path, "*.dll").Any())
        {
            problem = $"it holds {(manifests.Length == 0 ? "no" : $"{manifests.Length}")} {Dependencies} files; a plugin's folder is what 'dotnet publish' of one project lays out, with one";
        }

        return null;
    }

    /// <summary>Every file in it, by its path in the folder, with <c>/</c>; a link to a file is one.</summary>
    /// <exception cref="IOException">There is something in it that cannot be read as one.</exception>
    public IEnumerable<string> Files() => Unreadable() is { } unreadable
        ? throw new IOException(unreadable)
        : FolderContent.Of(Path).OfType<FileInfo>()
            .Select(file => System.IO.Path.GetRelativePath(Path, file.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal);

    /// <summary>What to say of something in it that cannot be read to its end: a link that leads to a folder, which could be any; or what
    /// is neither file nor folder. Null when there is none.</summary>
    public string? Unreadable() => FolderContent.Of(Path).OrderBy(entry => entry.FullName, StringComparer.Ordinal).Select(Unreadable).FirstOrDefault(problem => problem is not null);

    private static string? Unreadable(FileSystemInfo entry) => entry switch
    {
        DirectoryInfo { LinkTarget: { } target } => $"{entry.FullName} is a link to a folder, to '{target}'; a plugin's folder holds its files itself. Remove the link, or put what it leads to in its place.",
        FileInfo when SpecialFile.IsAt(entry.FullName) => $"{entry.FullName} {SpecialFile.Kind}; a plugin's folder holds files. Remove it.",
        _ => null,
    };
}

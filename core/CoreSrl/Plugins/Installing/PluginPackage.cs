using System.IO.Compression;
using System.IO.Hashing;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Safety;

namespace CoreSrl.Plugins.Installing;

/// <summary>
/// A plugin as it is handed over: the folder that <c>dotnet publish</c> lays out, or a <c>.nupkg</c> that holds that folder as
/// <c>tools/net10.0/any/</c>.
/// </summary>
internal static class PluginPackage
{
    private const int FileType = 0xF000; // S_IFMT, and S_IFLNK: inode(7). A zip keeps a Unix mode in the upper half.
    private const int Link = 0xA000;

    /// <summary>Lays the files of a package out in an empty folder of a <see cref="StagingFolder"/>.</summary>
    /// <exception cref="ConfigurationException">There is no such package, or it is none that can be trusted to stay in its folder.</exception>
    public static void LayOut(string source, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(source))
            CopyFolder(source, folder, cancellationToken);
        else if (!File.Exists(source))
            throw new ConfigurationException($"{source}: there is no such folder or file.");
        else if (source.EndsWith(".nupkg", StringComparison.OrdinalIgnoreCase) && !SpecialFile.IsAt(source))
            Extract(source, folder, cancellationToken);
        else
            throw new ConfigurationException($"{source}: neither a folder nor a .nupkg. Name the folder that 'dotnet publish' laid out, or the package that 'dotnet pack' made.");
    }

    private static void CopyFolder(string source, string folder, CancellationToken cancellationToken)
    {
        if (Directory.EnumerateFiles(source, "*.csproj").FirstOrDefault() is { } project)
            throw new ConfigurationException($"{source} is a project, not a plugin. Type 'dotnet publish {project}' and name the folder that it says.");
        var entries = FolderContent.Of(source).ToList();
        var staging = Path.GetDirectoryName(folder)!;
        if (entries.Exists(entry => entry.Name == Path.GetFileName(staging))) // A name that there is but once.
            throw new ConfigurationException($"{Path.GetDirectoryName(staging)} lies in {source}, so the plugin would hold itself. Add it to a plugin directory elsewhere.");
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.LinkTarget is { } target)
                throw new ConfigurationException($"{entry.FullName} is a link, to {target}: what it leads to may change or go. Name the folder that 'dotnet publish' laid out, which holds the files themselves.");
            if (SpecialFile.IsAt(entry.FullName))
                throw new ConfigurationException($"{entry.FullName} {SpecialFile.Kind}, and no file. Name the folder that 'dotnet publish' laid out, which holds files.");
            var path = Path.Combine(folder, Path.GetRelativePath(source, entry.FullName));
            if (entry is DirectoryInfo)
                Directory.CreateDirectory(path);
            else
                File.Copy(entry.FullName, path);
        }
    }

    private static void Extract(string source, string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var archive = ZipFile.OpenRead(source);
            // NuGet writes names as parts of a URL.
            var files = archive.Entries.Select(entry => (Entry: entry, Path: Uri.UnescapeDataString(entry.FullName))).ToList();
            foreach (var (entry, path) in files)
            {
                if (path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal) || path.TrimEnd('/').Split('/').Any(part => part is "" or "." or ".."))
                    throw new ConfigurationException($"{source}: '{entry.FullName}' would lie outside the plugin's folder. Nothing was installed; do not trust this package.");
                if (path.Any(char.IsControl))
                    throw new ConfigurationException($"{source}: '{entry.FullName}' is no name for a file. Nothing was installed; do not trust this package.");
                if (((entry.ExternalAttributes >> 16) & FileType) == Link)
                    throw new ConfigurationException($"{source}: '{entry.FullName}' is a link, which could lead anywhere. Nothing was installed; do not trust this package.");
            }

            var prefix = FolderFor(Environment.Version, files.Select(file => file.Path))
                ?? throw new ConfigurationException($"{source} holds no plugin for .NET {Environment.Version.Major}: that would be a folder tools/net{Environment.Version.Major}.0/any/ with a .deps.json. Pack the plugin with <PackageType>SrlPlugin</PackageType> in its project.");
            files = [.. files.Where(file => file.Path.StartsWith(prefix, StringComparison.Ordinal) && !file.Path.EndsWith('/'))];
            CheckDistinct(source, files.ConvertAll(file => file.Path));
            foreach (var (entry, path) in files)
            {
                var target = Path.Combine([folder, .. path[prefix.Length..].Split('/')]);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                // What a package holds may be larger than anybody waits for, and only this way of unpacking can be stopped.
                entry.ExtractToFileAsync(target, cancellationToken).GetAwaiter().GetResult();
                // Whoever unpacks does not look at it.
                if (Crc32.HashToUInt32(File.ReadAllBytes(target)) != entry.Crc32)
                    throw new InvalidDataException($"'{entry.FullName}' is damaged");
            }
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"{source} cannot be read as a package: {e.Message.TrimEnd('.')}. Fetch or pack it again.", e);
        }
    }

    /// <summary>Refuses a package in which two files have one name, or a file has that of a folder; on some systems letters differ by more than case.</summary>
    private static void CheckDistinct(string source, List<string> files)
    {
        var folders = files.SelectMany(FoldersOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (files.Find(file => !names.Add(file) || folders.Contains(file)) is { } twice)
            throw new ConfigurationException($"{source}: '{twice}' is in it twice. Nothing was installed; pack it again.");

        static IEnumerable<string> FoldersOf(string file) => file.Index().Where(c => c.Item == '/').Select(c => file[..c.Index]);
    }

    /// <summary>Where in a package the files for this .NET lie: those for the newest one that is not newer than it.</summary>
    private static string? FolderFor(Version runtime, IEnumerable<string> paths) => paths
        .Where(path => path.EndsWith(".deps.json", StringComparison.Ordinal))
        .Select(path => path.Split('/'))
        .Where(parts => parts is ["tools", _, "any", _])
        .Select(parts => (Prefix: string.Join('/', parts[..3]) + "/", Version: Version.TryParse(parts[1].StartsWith("net", StringComparison.Ordinal) ? parts[1][3..] : "", out var version) ? version : null))
        .Where(candidate => candidate.Version is not null && candidate.Version <= runtime)
        .OrderByDescending(candidate => candidate.Version)
        .Select(candidate => candidate.Prefix)
        .FirstOrDefault();
}

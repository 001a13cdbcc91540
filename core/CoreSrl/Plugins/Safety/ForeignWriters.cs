using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Safety;

/// <summary>
/// Finds who else could change code that this user runs: where plugins lie, only this user and root may write. On Linux and macOS;
/// Windows keeps such rights in another way, and nothing is looked at there.
/// </summary>
internal static class ForeignWriters
{
    private const UnixFileMode ForAll = UnixFileMode.OtherWrite;
    private const UnixFileMode ForGroup = UnixFileMode.GroupWrite;

    /// <summary>Looks at a directory and all above it, since who may rename one of those may put another in its place.</summary>
    /// <returns>Who could write where; null when nobody can.</returns>
    public static string? OfDirectory(string directory)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        return Way(Path.GetFullPath(directory), UnixGroups.OfMachine(), []);
    }

    /// <summary>Looks at a folder and all that is in it; of what is linked to, at the way there too.</summary>
    /// <returns>Who could write where; null when nobody can.</returns>
    public static string? OfContent(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        var (groups, known) = (UnixGroups.OfMachine(), new Dictionary<string, string?>(StringComparer.Ordinal));
        return FolderContent.Of(folder).Prepend(new DirectoryInfo(folder))
            .Select(entry => entry.LinkTarget is null ? Writer(entry.FullName, groups) : Way(entry.FullName, groups, known))
            .FirstOrDefault(writer => writer is not null);
    }

    /// <summary>What to do about it.</summary>
    public const string Remedy = $"Take that right away (chmod, chown), or set Plugins:{nameof(PluginOptions.AllowWritableByOthers)}=true if it is meant to be so";

    /// <summary>Looks at all on the way to a path, each place once, however often the way comes by.</summary>
    private static string? Way(string path, UnixGroups groups, Dictionary<string, string?> known)
    {
        if (known.TryGetValue(path, out var writer))
            return writer;
        known[path] = $"{path} is a link that leads to itself"; // Until the way through it has come to an end.
        return known[path] = (Path.GetDirectoryName(path) is { } parent ? Way(parent, groups, known) : null)
            ?? (new FileInfo(path).LinkTarget is { } target ? Way(Path.GetFullPath(target, Path.GetDirectoryName(path)!), groups, known) : Writer(path, groups));
    }

    private static string? Writer(string path, UnixGroups groups)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        UnixFile file;
        try
        {
            file = UnixFile.At(path);
        }
        catch (IOException e)
        {
            return e.Message.TrimEnd('.');
        }

        if (file.User != UnixFile.CurrentUser && file.User != 0)
            return $"{path} belongs to another user, number {file.User}";
        // In a sticky directory, as /tmp is, anybody may create something, but touch only what is his own.
        if (file.Mode.HasFlag(UnixFileMode.StickyBit) && Directory.Exists(path))
            return null;
        return file.Mode.HasFlag(ForAll) ? $"everybody may write to {path}"
            : file.Mode.HasFlag(ForGroup) && !groups.IsOnlyOf(file.Group, UnixFile.CurrentUser) ? $"group {groups.NameOf(file.Group)} may write to {path}"
            : null;
    }
}

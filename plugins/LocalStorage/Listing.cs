using System.IO.Enumeration;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>What lies in a folder, as far as keys can name it: no links, none of the storage's own files.</summary>
internal static class Listing
{
    private static readonly EnumerationOptions EverythingHere = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };

    // Here a link is told by the entry itself, without a look at each.
    private static readonly EnumerationOptions NoLinksHere = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };

    /// <summary>A folder's entries, last one first. A folder sorts as "name/", which is how the keys below it begin.</summary>
    public static List<(string Key, FileSystemInfo Entry)> Children(string prefix, string folder)
    {
        List<(string Key, FileSystemInfo Entry)> children = [];
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", EverythingHere))
            {
                if (KeyPath.CanBePart(entry.Name) && entry.LinkTarget is null)
                    children.Add((prefix + entry.Name + (entry is DirectoryInfo ? "/" : ""), entry));
            }
        }
        catch (DirectoryNotFoundException)
        {
            return []; // Not there yet, or deleted meanwhile: no objects.
        }

        children.Sort((left, right) => string.CompareOrdinal(right.Key, left.Key));
        return children;
    }

    /// <summary>The names of the folders in a folder, in the order of the keys below them; nothing in them is looked at.</summary>
    public static IReadOnlyList<string> Folders(string folder)
    {
        try
        {
            var folders = new FileSystemEnumerable<string>(folder, static (ref entry) => entry.FileName.ToString(), NoLinksHere)
            {
                ShouldIncludePredicate = static (ref entry) => entry.IsDirectory,
            };
            return [.. folders.Where(name => KeyPath.CanBePart(name)).OrderBy(name => name + '/', StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}

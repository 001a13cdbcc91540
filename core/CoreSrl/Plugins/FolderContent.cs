using System.IO.Enumeration;

namespace CoreSrl.Plugins;

/// <summary>All that is in a folder and the folders in it; of a link the link itself, and nothing of what lies behind it.</summary>
internal static class FolderContent
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Its files, folders and links.</summary>
    public static IEnumerable<FileSystemInfo> Of(string folder) =>
        new FileSystemEnumerable<FileSystemInfo>(folder, (ref entry) => entry.ToFileSystemInfo(), Everything)
        {
            // .NET goes through a link to a folder as through a folder, round and round if it leads back.
            ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
}

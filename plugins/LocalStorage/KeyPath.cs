using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Turns keys into paths; refuses a key that no file can have or that is a name of the storage's own.</summary>
internal static class KeyPath
{
    /// <summary>Begins the names of the storage's own files in the root: no key has a part that begins so.</summary>
    public const string ReservedPrefix = ".srl-";

    /// <summary>The longest name of a file or folder on the usual file systems, in UTF-8 bytes.</summary>
    private const int MaxPartBytes = 255;

    /// <summary>The path of a key's file.</summary>
    /// <exception cref="StorageException">The key breaks a rule, or leads through a symbolic link.</exception>
    public static string Resolve(string root, string key) => Follow(root, key, ObjectKey.Check(key, Flaw));

    /// <summary>The path of the folder whose keys begin with a prefix.</summary>
    /// <exception cref="StorageException">The prefix is neither empty nor ends in <c>/</c>, breaks a rule, or leads through a symbolic
    /// link.</exception>
    public static string ResolvePrefix(string root, string prefix) => Follow(root, prefix, ObjectKey.CheckPrefix(prefix, Flaw));

    /// <summary>Whether a file or folder of that name can be part of a key.</summary>
    public static bool CanBePart(string name) => (ObjectKey.Flaw(name) ?? Flaw(name)) is null;

    private static string? Flaw(string part)
    {
        if (part.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            return $"names that begin with '{ReservedPrefix}' are the storage's own";
        if (part.IndexOfAny(Path.GetInvalidFileNameChars()) is var at and >= 0)
            return $"'{part[at]}' cannot stand in a file name on this system";
        if (OperatingSystem.IsWindows() && part[^1] is '.' or ' ')
            return "Windows drops a dot or space at the end of a name";
        return Encoding.UTF8.GetByteCount(part) > MaxPartBytes ? $"a part of it is longer than {MaxPartBytes} bytes" : null;
    }

    private static string Follow(string root, string key, string[] parts)
    {
        var path = root;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            // A link could lead anywhere, now or after the next change to it; none is ever needed below the root.
            if (new FileInfo(path).LinkTarget is not null)
                throw ObjectKey.Refused(key, $"{path} is a symbolic link, and links below {root} are not followed");
        }

        return path;
    }
}

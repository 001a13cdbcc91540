using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Turns keys into paths; refuses a key that could name something outside the root or a file of the storage's own.</summary>
internal static class KeyPath
{
    /// <summary>Begins the names of the storage's own files in the root: no key has a part that begins so.</summary>
    public const string ReservedPrefix = ".srl-";

    /// <summary>The longest name of a file or folder on the usual file systems, in UTF-8 bytes.</summary>
    private const int MaxPartBytes = 255;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path of a key's file.</summary>
    /// <exception cref="StorageException">The key breaks a rule, or leads through a symbolic link.</exception>
    public static string Resolve(string root, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0)
            throw Refused(key, "it is empty");
        var path = root;
        foreach (var part in key.Split('/'))
        {
            if (Flaw(part) is { } flaw)
                throw Refused(key, flaw);
            path = Path.Combine(path, part);
            // A link could lead anywhere, now or after the next change to it; none is ever needed below the root.
            if (new FileInfo(path).LinkTarget is not null)
                throw Refused(key, $"{path} is a symbolic link, and links below {root} are not followed");
        }

        return path;
    }

    /// <summary>The path of the folder whose keys begin with a prefix.</summary>
    /// <exception cref="StorageException">The prefix is neither empty nor ends in <c>/</c>, breaks a rule, or leads through a symbolic
    /// link.</exception>
    public static string ResolvePrefix(string root, string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            throw new StorageException(StorageErrorKind.Permanent, prefix, $"The prefix '{prefix}' must be empty or end in '/'.");
        return prefix.Length == 0 ? root : Resolve(root, prefix[..^1]);
    }

    /// <summary>What makes a name no part of a key; null when it is one.</summary>
    public static string? Flaw(string part)
    {
        if (part.Length == 0)
            return "it has an empty part (a '/' at its start or end, or two in a row)";
        if (part is "." or "..")
            return $"it has the part '{part}'";
        if (part.Contains('\\', StringComparison.Ordinal))
            return "it has a backslash";
        if (part.Any(char.IsControl))
            return "it has a control character";
        if (part.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            return $"names that begin with '{ReservedPrefix}' are the storage's own";
        if (part.IndexOfAny(Path.GetInvalidFileNameChars()) is var at and >= 0)
            return $"'{part[at]}' cannot stand in a file name on this system";
        if (OperatingSystem.IsWindows() && part[^1] is '.' or ' ')
            return "Windows drops a dot or space at the end of a name";
        try
        {
            return StrictUtf8.GetByteCount(part) > MaxPartBytes ? $"a part of it is longer than {MaxPartBytes} bytes" : null;
        }
        catch (EncoderFallbackException)
        {
            return "it has half of a surrogate pair";
        }
    }

    private static StorageException Refused(string key, string why) =>
        new(StorageErrorKind.Permanent, key, $"The key '{Printable(key)}' cannot be used: {why}.");

    private static string Printable(string key)
    {
        var text = string.Concat(key.Select(c => char.IsControl(c) ? '?' : c));
        return text.Length <= 100 ? text : text[..100] + "…";
    }
}

using Azure;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>The names of blobs, of which keys are the part behind the prefix.</summary>
internal static class BlobName
{
    private const int MaxLength = 1024;
    private const int MaxParts = 254;

    /// <summary>The name of a key's blob.</summary>
    /// <param name="root">What all names begin with: empty, or ending in <c>/</c>.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="StorageException">No blob can have it.</exception>
    public static string Of(string root, string key)
    {
        ObjectKey.Check(key, Flaw);
        return Bounded(root, key);
    }

    /// <summary>What the names of the blobs begin with whose keys begin with a prefix.</summary>
    /// <param name="root">What all names begin with: empty, or ending in <c>/</c>.</param>
    /// <param name="prefix">The prefix.</param>
    /// <exception cref="StorageException">No name can begin so.</exception>
    public static string CheckPrefix(string root, string prefix)
    {
        ObjectKey.CheckPrefix(prefix, Flaw);
        return Bounded(root, prefix);
    }

    /// <summary>Whether what stands behind the prefix in a blob's name is a key. Other programs may use other names.</summary>
    public static bool IsKey(string key) => key.Split('/').All(part => (ObjectKey.Flaw(part) ?? Flaw(part)) is null);

    /// <summary>The name of a blob's version: headers have it in quotation marks, listings may not.</summary>
    public static string TagOf(ETag version) => version.ToString().Trim('"');

    private static string? Flaw(string part) =>
        part[^1] == '.' ? "Azure drops a dot at the end of a name"
        : part.AsSpan().ContainsAnyInRange('\uFFFE', '\uFFFF') ? "it has a character that no list of names can hold"
        : null;

    private static string Bounded(string root, string key)
    {
        var name = root + key;
        if (name.Length > MaxLength)
            throw ObjectKey.Refused(key, $"with the prefix it has more than the {MaxLength} characters that Azure allows");
        return name.Count(c => c == '/') < MaxParts ? name : throw ObjectKey.Refused(key, $"with the prefix it has more than the {MaxParts} parts that Azure allows");
    }
}

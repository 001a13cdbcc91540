using System.Security.Cryptography;

namespace CoreSrl.Plugins.Locking;

/// <summary>What a plugin's folder held when it was locked. Where it lies does not matter: what it is does.</summary>
/// <param name="Assembly">The name of its assembly.</param>
/// <param name="Version">The version of its assembly; the files say what counts.</param>
/// <param name="Files">The SHA-256 of each file, in hexadecimal, by its path in the folder, with <c>/</c>.</param>
internal sealed record LockedPlugin(string Assembly, string Version, SortedDictionary<string, string> Files)
{
    /// <summary>Reads every file of a folder.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static LockedPlugin Of(PluginFolder folder, Version version) =>
        new(folder.Assembly, version.ToString(), new(folder.Files().ToDictionary(file => file, file => Digest(Path.Combine(folder.Path, file))), StringComparer.Ordinal));

    /// <summary>What of another state of the folder differs from this one, file by file.</summary>
    public IEnumerable<string> DifferencesTo(LockedPlugin now)
    {
        foreach (var (file, digest) in Files)
        {
            if (!now.Files.TryGetValue(file, out var other))
                yield return $"its file '{file}' is missing";
            else if (other != digest)
                yield return $"its file '{file}' is not the one that was locked";
        }

        foreach (var file in now.Files.Keys.Where(file => !Files.ContainsKey(file)))
            yield return $"its file '{file}' was not there when it was locked";
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

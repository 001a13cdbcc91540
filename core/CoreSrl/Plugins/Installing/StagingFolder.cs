namespace CoreSrl.Plugins.Installing;

/// <summary>
/// A folder beside the plugins' that is none of theirs, since its name begins with a dot: what is being added is laid out there, and
/// what goes is put there, so that a plugin's folder is there as a whole or not at all.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
    private const string Prefix = ".srl-";

    /// <summary>Whatever is older was left behind by a process that was killed.</summary>
    private static readonly TimeSpan Leftover = TimeSpan.FromDays(1);

    public StagingFolder(string directory)
    {
        foreach (var old in Directory.EnumerateDirectories(directory, $"{Prefix}*").Where(old => DateTime.UtcNow - Directory.GetLastWriteTimeUtc(old) > Leftover))
            TryDelete(old);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(directory, $"{Prefix}{Guid.NewGuid():N}")).FullName;
    }

    public string Path { get; }

    /// <summary>A place in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => TryDelete(Path);

    // Windows keeps files that a process has loaded; a later one sweeps them away.
    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is nobody's plugin, and stays until then.
        }
    }
}

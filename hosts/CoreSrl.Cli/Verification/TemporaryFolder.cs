namespace CoreSrl.Cli.Verification;

/// <summary>A folder for a storage to be tried in, gone with all that was written there.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "srl-verify-";

    public string Path { get; } = Directory.CreateTempSubdirectory(Prefix).FullName;

    /// <summary>Deletes one that another process has made here.</summary>
    public static void Delete(string folder)
    {
        if (System.IO.Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal) && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    public void Dispose() => Delete(Path);
}

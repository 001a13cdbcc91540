namespace CoreSrl.Cli.Verification;

/// <summary>A folder for a storage to be tried in, gone with all that was written there.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "srl-verify-";

    public string Path { get; } = Directory.CreateTempSubdirectory(Prefix).FullName;

    /// <summary>Whether a folder was made here, and may go.</summary>
    public static bool IsOne(string folder) => System.IO.Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

namespace CoreSrl.Cli.Verification;

/// <summary>A folder for a storage to be tried in, gone with all that was written there.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("srl-verify-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

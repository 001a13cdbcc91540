namespace CoreSrl.EndToEnd.Tests.Processes;

/// <summary>A test of what only Unix has.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "not on Windows" : null;
}

namespace CoreSrl.EndToEnd.Tests.Processes;

/// <summary>The plugins of <c>tests/TestPlugins</c>, built.</summary>
internal static class TestPlugins
{
    /// <summary>A plugin directory: one folder per plugin.</summary>
    public static string Folder { get; } = Path.Combine(Srl.Metadata("TestPluginsPath"), "bin", Srl.Metadata("BuildConfiguration"));
}

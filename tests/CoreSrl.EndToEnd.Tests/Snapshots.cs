using System.Text.RegularExpressions;
using CoreSrl.EndToEnd.Tests.Processes;
using Snapshooter;
using Snapshooter.Xunit;

namespace CoreSrl.EndToEnd.Tests;

/// <summary>
/// Compares texts with those kept in <c>__snapshots__</c>. A missing one fails: what the command said lies in
/// <c>__snapshots__/__mismatch__</c> then, to be read and moved up. With SNAPSHOOTER_STRICT_MODE=off it is kept unread.
/// </summary>
internal static partial class Snapshots
{
    private const string StrictMode = "SNAPSHOOTER_STRICT_MODE";

    static Snapshots() => Environment.SetEnvironmentVariable(StrictMode, Environment.GetEnvironmentVariable(StrictMode) ?? "on");

    /// <summary>Compares what a command said in a folder, without what differs from machine to machine.</summary>
    public static void Match(string text, string folder, string test, string sourceFile)
    {
        var name = $"{Path.GetFileNameWithoutExtension(sourceFile)}.{test}.snap";
        Snapshot.Match(Normalize(text, folder), new SnapshotFullName(name, Path.GetDirectoryName(sourceFile)!));
    }

    private static string Normalize(string text, string folder)
    {
        text = text.Replace(folder, "{folder}", StringComparison.Ordinal)
            .Replace(TestPlugins.Folder, "{plugins}", StringComparison.Ordinal)
            .Replace(Path.GetDirectoryName(Srl.Path)!, "{program}", StringComparison.Ordinal);
        text = Digits32().Replace(text, "{guid}");
        text = RunStarted().Replace(text, "-{started}");
        return UnixSeconds().Replace(text, "_{timestamp}");
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Digits32();

    [GeneratedRegex(@"-\d{8}T\d{9}Z")]
    private static partial Regex RunStarted();

    [GeneratedRegex(@"_\d{10}(?=\D)")]
    private static partial Regex UnixSeconds();
}

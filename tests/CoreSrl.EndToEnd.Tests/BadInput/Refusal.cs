using System.Runtime.CompilerServices;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>A command that must be refused: exit code 2, a message that is the same as ever, and nothing written.</summary>
internal static class Refusal
{
    /// <summary>Runs the command in a folder of its own.</summary>
    /// <param name="commandLine">What follows <c>srl</c>; <c>{plugins}</c> stands for the directory of the test plugins.</param>
    /// <param name="files">Files to put there first: text by name.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="test">Names the snapshot.</param>
    /// <param name="sourceFile">The snapshot lies beside it.</param>
    public static async Task CheckAsync(
        string commandLine,
        Dictionary<string, string>? files = null,
        Dictionary<string, string>? environment = null,
        [CallerMemberName] string test = "",
        [CallerFilePath] string sourceFile = "")
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, text) in files ?? [])
            folder.Write(name, text);
        await CheckInAsync(folder.Path, commandLine, environment, test, sourceFile);
    }

    /// <summary>Runs the command in a folder that is there already.</summary>
    public static async Task CheckInAsync(
        string folder,
        string commandLine,
        Dictionary<string, string>? environment = null,
        [CallerMemberName] string test = "",
        [CallerFilePath] string sourceFile = "")
    {
        var before = Everything(folder);
        var arguments = commandLine.Split(' ').Select(word => word.Replace("{plugins}", TestPlugins.Folder, StringComparison.Ordinal));

        var result = await Srl.RunAsync(folder, environment, [.. arguments]);

        Assert.True(result.ExitCode == 2, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        Assert.Empty(result.Output);
        Assert.Equal(before, Everything(folder));
        Snapshots.Match(result.Error, folder, test, sourceFile);
    }

    private static List<(string Path, long Length, DateTime Written)> Everything(string folder) =>
    [
        .. from entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
           orderby entry.FullName
           select (entry.FullName, (entry as FileInfo)?.Length ?? 0, entry.LastWriteTimeUtc),
    ];
}

using CoreSrl.Packages.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>Some of the repository's sources in another folder, as they are now, committed or not.</summary>
internal static class SourceCopy
{
    private static readonly string[] Common =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig", ".gitattributes", ".gitignore"];

    public static async Task MakeAsync(string to, params string[] folders)
    {
        var sources = await RunAsync(Repository.Path, ["git", "ls-files", "--cached", "--others", "--exclude-standard", .. folders.Select(folder => $"{folder}/"), .. Common]);
        foreach (var source in sources.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(source => File.Exists(Path.Combine(Repository.Path, source))))
        {
            var copy = Path.Combine(to, source);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.Path, source), copy);
        }
    }

    /// <summary>Runs a command in a folder, with no variables of anybody's.</summary>
    public static Task<string> RunAsync(string folder, params string[] words) => new Command(folder, new Dictionary<string, string>()).RunAsync(words);
}

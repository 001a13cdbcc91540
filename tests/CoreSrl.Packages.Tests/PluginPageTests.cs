using System.Text.RegularExpressions;
using CoreSrl.Packages.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>Does what the first part of <c>plugins/README.md</c> says, block by block: writes its files and runs its commands.</summary>
[Collection(Feed.Name)]
public sealed partial class PluginPageTests(Feed feed)
{
    [Fact]
    public async Task The_page_leads_to_a_working_policy()
    {
        var folder = feed.Desk;
        var said = "";
        var page = File.ReadAllText(Path.Combine(Repository.Path, "plugins", "README.md")).Split("## The contracts")[0];
        foreach (Match block in Blocks().Matches(page))
        {
            var (file, language, text) = (block.Groups["file"].Value, block.Groups["language"].Value, block.Groups["text"].Value);
            if (language != "bash")
            {
                Assert.True(file.Length > 0, $"The page does not say where this belongs:\n{text}");
                await File.WriteAllTextAsync(Path.Combine(folder, file), text);
                continue;
            }

            foreach (var command in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var words = command.Split(' ');
                if (words is ["cd", var name])
                    folder = Path.Combine(folder, name);
                else if (words is not (["dotnet", "tool", "install", ..] or ["dotnet", "new", "install", ..])) // The feed has done that.
                    said = await new Command(folder, feed.Environment).RunAsync(words);
            }
        }

        Assert.Contains("steady", said, StringComparison.Ordinal); // The last command lists checkpoints with their tags.
    }

    // A block that is a file follows a line with the file's name in it.
    [GeneratedRegex(@"(?:`(?<file>[\w./]+\.(?:cs|json))`[^`]*\n\n)?```(?<language>bash|csharp|json)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}

using System.Diagnostics;
using System.Text.RegularExpressions;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Readme;

/// <summary>What core/README.md shows is what is built in tests/GuidePassages, and it works.</summary>
public sealed partial class GuideTests
{
    private static readonly string Root = Srl.Metadata("RepositoryPath");
    private static readonly string Guide = Path.Combine(Root, "core/README.md");

    /// <summary>The C# passages by section, in their order, as the guide shows them.</summary>
    private static readonly ILookup<string, string> Shown = Passages(File.ReadAllText(Guide).ReplaceLineEndings("\n"));

    private static readonly string[] Names =
    [
        .. Directory.GetFiles(Path.Combine(Root, "tests/GuidePassages/Sections"), "*.cs").Select(file => Path.GetFileNameWithoutExtension(file))
            .Union(Shown.Select(section => section.Key)).Order(),
    ];

    public static TheoryData<string> Sections => [.. Names];

    [Theory]
    [MemberData(nameof(Sections))]
    public void The_passages_of_a_section_are_those_that_are_built_and_run_here(string section)
    {
        var file = Path.Combine(Root, "tests/GuidePassages/Sections", section + ".cs");
        Assert.True(File.Exists(file), $"a section shows C# that is not built: {file} is missing");
        var built = Region().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")).Select(region => WithoutIndent(region.Groups[1].Value));
        Assert.Equal(built, Shown[section]);
    }

    [Fact]
    public async Task Every_passage_runs_and_every_configuration_is_accepted()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Srl.Metadata("GuidePassagesPath"), Guide]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        Assert.All(Names, section => Assert.Contains($"== {section}\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal));
    }

    [Fact]
    public void Links_lead_to_what_is_there() => Assert.All(
        Link().Matches(File.ReadAllText(Guide)),
        link => Assert.True(Path.Exists(Path.Combine(Root, "core", link.Groups[1].Value)), $"core/README.md links to {link.Groups[1].Value}, which is not there"));

    /// <summary>A section is called like its heading, letters and digits alone.</summary>
    private static ILookup<string, string> Passages(string guide) => (
        from section in HeadingLine().Split(guide).Skip(1).Chunk(2)
        from Match passage in Passage().Matches(section[1])
        select (Name: string.Concat(section[0].Where(char.IsAsciiLetterOrDigit)), Text: passage.Groups[1].Value)).ToLookup(passage => passage.Name, passage => passage.Text);

    private static string WithoutIndent(string text)
    {
        var lines = text.Split('\n');
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex HeadingLine();

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Passage();

    [GeneratedRegex(@"^ *#region.*?\n(.*?)^ *#endregion", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"\]\((?!http)([^)#]+)\)")]
    private static partial Regex Link();
}

using System.Diagnostics;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Readme;

/// <summary>What README shows is what the repository holds, and it works.</summary>
public sealed class ReadmeTests
{
    private static readonly string Root = Srl.Metadata("RepositoryPath");

    [Theory]
    [InlineData("ReadmeProgram")]
    [InlineData("ReadmeLoop")]
    public void The_programs_in_the_readme_are_those_that_are_built_and_run_here(string name)
    {
        var program = File.ReadAllText(Path.Combine(Root, "tests", name, "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{program}```", File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_trains_and_saves()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Srl.Metadata("ReadmeProgramPath")]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("episode 60: reward ", output, StringComparison.Ordinal);
        var final = Assert.Single(Directory.GetDirectories(folder.File("checkpoints/team"), "final_multimodel_ep_60_*"));
        Assert.Contains($"Finished after 60 episodes: {Path.GetFileName(final)}", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_commands_in_the_readme_name_what_is_there()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.Contains("dotnet run -c Release --project hosts/CoreSrl.Cli -- train", readme, StringComparison.Ordinal);
        Assert.Contains("bash tests/run", readme, StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(readme, @"\]\((?!http)([^)#]+)\)"))
            Assert.True(Path.Exists(Path.Combine(Root, link.Groups[1].Value)), $"README links to {link.Groups[1].Value}, which is not there");
    }
}

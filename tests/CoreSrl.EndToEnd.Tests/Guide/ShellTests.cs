using System.Diagnostics;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>What helps at the command line: completion in a shell, and a help that shows the way.</summary>
public sealed class ShellTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public async Task Bash_completes_commands_options_and_checkpoints()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = run.Copy();
        folder.Write("srl", $"#!/usr/bin/env bash\nexec dotnet '{Srl.Path}' \"$@\"\n");
        File.SetUnixFileMode(folder.File("srl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var ids = Directory.GetDirectories(folder.File(TrainedRun.Checkpoints), "*small_ep_*").Select(Path.GetFileName).ToList();
        var older = ids.Where(id => id!.StartsWith("small_ep_1", StringComparison.Ordinal)).Order();

        Assert.Equal(["verify"], await CompleteAsync(folder, "srl ver"));
        Assert.Equal(["--keep-best", "--keep-last"], (await CompleteAsync(folder, "srl prune --keep")).Order());
        Assert.Equal(older, (await CompleteAsync(folder, $"srl show --dir {TrainedRun.Checkpoints} small_ep_1")).Order());
        Assert.Equal(ids.Order(), (await CompleteAsync(folder, $"srl restore --from {TrainedRun.Checkpoints} ")).Where(word => word[0] != '-').Order());
        Assert.Equal(["final_small"], (await CompleteAsync(folder, "srl backup --config run.json final_")).Select(id => id[..11]));
        Assert.Empty(await CompleteAsync(folder, "srl show --dir nowhere small_"));
        Assert.Equal(["serve"], await CompleteAsync(folder, "srl serv"));
        Assert.Equal(older, (await CompleteAsync(folder, $"srl serve --dir {TrainedRun.Checkpoints} small_ep_1")).Order());
        Assert.Equal(["verify"], await CompleteAsync(folder, "srl plugins ver"));
        Assert.Equal(["torch-lora"], await CompleteAsync(folder, "srl plugins list torch-"));
    }

    [Theory]
    [InlineData("zsh", "compdef _srl_complete srl")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName srl")]
    public async Task Other_shells_get_a_script_of_their_own(string shell, string line)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(line, (await Srl.RunAsync(folder.Path, "completion", shell)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_every_command_with_an_example()
    {
        using var folder = new TemporaryFolder();
        var help = (await Srl.RunAsync(folder.Path, "--help")).Succeeded().Output;
        Assert.Contains("srl backup --final --to backup/checkpoints", help, StringComparison.Ordinal);
        Assert.True(help.IndexOf("Train:", StringComparison.Ordinal) < help.IndexOf("Keep it safe", StringComparison.Ordinal), help);
        Assert.False(help.Contains("More:", StringComparison.Ordinal), $"Give each of these commands an example in HelpText:\n{help}");
        Assert.Contains("Examples:\n  srl plugins list\n", (await Srl.RunAsync(folder.Path, "plugins", "list", "--help")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  srl train\n", (await Srl.RunAsync(folder.Path, "train", "--help")).Succeeded().Output, StringComparison.Ordinal);
    }

    /// <summary>Asks bash, which has read the script, how a line goes on.</summary>
    private static async Task<IReadOnlyList<string>> CompleteAsync(TemporaryFolder folder, string line)
    {
        var words = line.Split(' ');
        var script = $$"""
            source <(srl completion bash)
            complete -p srl > /dev/null || exit 9
            COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}} COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            _srl_complete
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var bash = Process.Start(start)!;
        var (said, complained) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, await complained);
        Assert.Equal("", await complained);
        return (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

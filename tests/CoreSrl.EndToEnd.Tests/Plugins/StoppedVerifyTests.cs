using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>However <c>srl plugins verify</c> ends, nothing of it goes on: no process, no folder.</summary>
public sealed class StoppedVerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StoppedVerifyTests() => Directory.CreateDirectory(_folder.File("tmp"));

    [Theory]
    [InlineData(2, true)] // SIGINT, as Ctrl-C sends it: to all that the terminal runs
    [InlineData(15, true)] // SIGTERM
    [InlineData(15, false)]
    [InlineData(9, false)] // SIGKILL
    public async Task When_it_is_stopped_the_process_and_the_folder_go(int signal, bool toAll)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var verify = Srl.StartIn(["setsid"], _folder.Path, Environment, ["plugins", "verify", "hanging-policy", .. Settings]);
        await WaitForAsync(() => File.Exists(_folder.File("hanging")));
        var processes = Processes();
        Assert.Equal(2, processes.Count); // It, and the one in which the plugin hangs.
        Assert.Single(Directory.GetDirectories(_folder.File("tmp"), "srl-verify-*"));

        if (toAll)
            verify.SignalGroup(signal);
        else
            verify.Signal(signal);
        var result = await verify.WaitAsync();

        Assert.Equal(signal == 9 ? (137, "") : (130, "srl: Interrupted; nothing was changed.\n"), (result.ExitCode, result.Error));
        await WaitForAsync(() => Processes().Count == 0);
        await WaitForAsync(() => Directory.GetDirectories(_folder.File("tmp"), "srl-verify-*").Length == 0);
        if (signal != 9)
            Assert.Empty(Directory.GetFileSystemEntries(_folder.File("tmp"))); // Nor of .NET's, for debuggers of the process that was killed.
    }

    [Theory]
    [InlineData("leave")]
    [InlineData("detach")]
    public async Task A_plugin_that_leaves_a_process_behind_is_not_waited_for(string by)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var clock = Stopwatch.StartNew();

        var result = await Srl.RunAsync(_folder.Path, Environment, ["plugins", "verify", "undone", "--json", "--set", "Checkpoints:Policies:0:Use=undone", "--set", $"Checkpoints:Policies:0:By={by}", .. Settings]);

        var left = File.ReadAllLines(_folder.File("left")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToDictionary(id => id, IsRunning);
        foreach (var (id, _) in left.Where(process => process.Value))
            Process.GetProcessById(id).Kill();
        Assert.All(left, process => Assert.Equal(by == "detach", process.Value)); // One that has left the group cannot be found.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1)); // It sleeps for ten.
        var verdict = JsonNode.Parse(result.Output)![0]!;
        Assert.Contains("ended with code 0", (string?)Rule(verdict, "metrics-that-are-no-numbers")["problem"], StringComparison.Ordinal);
        Assert.True((bool)Rule(verdict, "restored-forgets")["ok"]!); // The last rule.
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Settings => ["--set", $"Plugins:Directories:0={TestPlugins.Folder}"];

    private Dictionary<string, string> Environment => new() { ["TMPDIR"] = _folder.File("tmp") };

    /// <summary>The processes that work in the folder.</summary>
    private List<int> Processes() => [.. Process.GetProcesses().Select(process => process.Id).Where(id => IsRunning(id) && new FileInfo($"/proc/{id}/cwd").LinkTarget == _folder.Path)];

    /// <summary>Whether there is such a process, and it is not dead and waiting for a parent to ask how it ended.</summary>
    private static bool IsRunning(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "it takes too long");
    }

    private static JsonNode Rule(JsonNode verdict, string name) => verdict["rules"]!.AsArray().Single(rule => (string?)rule!["rule"] == name)!;
}

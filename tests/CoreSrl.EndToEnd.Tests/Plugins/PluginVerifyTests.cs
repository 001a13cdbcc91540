using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary><c>srl plugins verify</c>: whatever a plugin does, it is a report.</summary>
public sealed class PluginVerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("clock")]
    [InlineData("fragile")]
    [InlineData("sodium")]
    [InlineData("any-of", "Checkpoints:Policies:0:Use=any-of", "Checkpoints:Policies:0:Policies:0:Use=keep-last", "Checkpoints:Policies:0:Policies:0:Count=2")]
    [InlineData("conditional-best", "Checkpoints:Policies:0:Use=conditional-best", "Checkpoints:Policies:0:Metric=avg_reward")]
    public async Task One_that_keeps_all_rules_is_said_to(string plugin, params string[] settings)
    {
        var result = (await VerifyAsync(plugin, settings)).Succeeded();

        Assert.Matches(@$"^{plugin} \(\w+\), with (its defaults|the options of [\w:]+)\n", result.Output);
        Assert.Matches(@"\n  \d+ rules, all kept.\n$", result.Output);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_storage_is_tried_beside_the_checkpoints_that_it_keeps()
    {
        Directory.CreateDirectory(_folder.File("checkpoints"));
        _folder.Write("checkpoints/claim.json", "mine");

        var result = (await VerifyAsync("local", ["Checkpoints:Directory=checkpoints"])).Succeeded();

        Assert.Contains("  kept    random-calls\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(["claim.json"], Directory.EnumerateFileSystemEntries(_folder.File("checkpoints")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_rule_that_is_broken_is_told_with_what_was_expected_and_what_was_found()
    {
        var result = await VerifyAsync("throwing-policy", ["Checkpoints:Policies:0:Use=throwing-policy"], "--json");

        Assert.Equal(1, result.ExitCode);
        var verdict = Assert.Single(JsonNode.Parse(result.Output)!.AsArray())!;
        Assert.Equal(("throwing-policy", "policy", "Checkpoints:Policies:0", false), ((string?)verdict["name"], (string?)verdict["contract"], (string?)verdict["options"], (bool)verdict["ok"]!));
        Assert.Contains("InvalidOperationException: no decision today", (string?)Rule(verdict, "no-checkpoints-yet")["problem"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("crash", "ended with code 134, saying: ")]
    [InlineData("exit", "ended with code 0")]
    public async Task One_that_takes_its_process_down_is_checked_on_in_another(string by, string end)
    {
        if (OperatingSystem.IsWindows())
            return; // Another exit code.
        var result = await VerifyAsync("undone", ["Checkpoints:Policies:0:Use=undone", $"Checkpoints:Policies:0:By={by}"], "--json");

        Assert.Equal(1, result.ExitCode);
        var verdict = JsonNode.Parse(result.Output)![0]!;
        Assert.Contains($"the process in which this was checked {end}", (string?)Rule(verdict, "metrics-that-are-no-numbers")["problem"], StringComparison.Ordinal);
        Assert.Null(verdict["not_verified"]);
        Assert.True((bool)Rule(verdict, "no-checkpoints-yet")["ok"]!);
        Assert.True((bool)Rule(verdict, "restored-forgets")["ok"]!); // The last rule.
    }

    [Fact]
    public async Task One_that_hangs_is_given_up_and_checked_on_in_another_process()
    {
        var result = await VerifyAsync("undone", ["Checkpoints:Policies:0:Use=undone", "Checkpoints:Policies:0:By=hang"], "--json", "--limit", "8");

        Assert.Equal(1, result.ExitCode);
        var verdict = JsonNode.Parse(result.Output)![0]!;
        Assert.Contains("expected an end within 8 s; there was none", (string?)Rule(verdict, "metrics-that-are-no-numbers")["problem"], StringComparison.Ordinal);
        Assert.True((bool)Rule(verdict, "no-checkpoints-yet")["ok"]!);
        Assert.True((bool)Rule(verdict, "restored-forgets")["ok"]!);
    }

    [Fact]
    public async Task One_that_hangs_everywhere_is_not_asked_for_hours()
    {
        var result = await VerifyAsync("hanging-policy", [], "--json", "--limit", "2");

        var rules = JsonNode.Parse(result.Output)![0]!["rules"]!.AsArray();
        Assert.Equal(3, rules.Count(rule => $"{rule!["problem"]}".Contains("expected an end within 2 s", StringComparison.Ordinal)));
        Assert.Contains("not checked, since 3 rules before it did not come to an end", (string?)rules[^1]!["problem"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unborn", "plugin 'unborn' could not be created: no licence was found (InvalidOperationException).")]
    [InlineData("milestone", "milestone:Episodes: a value is required.")]
    [InlineData("newer-api", "was built for API level 2, this program has level 1")]
    [InlineData("incomplete-policy", "its Nito.Collections.Deque.dll is missing")]
    public async Task One_that_cannot_be_created_is_told_as_what_it_is(string plugin, string reason)
    {
        var result = await VerifyAsync(plugin, []);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("  NOT VERIFIED  ", result.Output, StringComparison.Ordinal);
        Assert.Contains(reason, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_name_all_but_the_programs_own_are_checked()
    {
        var plugin = Directory.CreateDirectory(_folder.File("plugins/WithModule")).FullName;
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, "WithModule"), plugin);

        var result = (await Srl.RunAsync(_folder.Path, "plugins", "verify", "--json", "--set", "Plugins:Directories:0=plugins")).Succeeded();

        Assert.Equal(["greeting"], JsonNode.Parse(result.Output)!.AsArray().Select(verdict => (string?)verdict!["name"]));
    }

    [Fact]
    public async Task Where_there_are_none_but_the_programs_own_one_must_be_named()
    {
        var result = await Srl.RunAsync(_folder.Path, "plugins", "verify");

        Assert.Equal((2, "srl: There is no plugin but the program's own. Name one of those, or the directory of others: --set Plugins:Directories:0=plugins.\n"), (result.ExitCode, result.Error));
    }

    public void Dispose() => _folder.Dispose();

    private Task<SrlResult> VerifyAsync(string plugin, string[] settings, params string[] arguments) => Srl.RunAsync(
        _folder.Path,
        ["plugins", "verify", plugin, "--set", $"Plugins:Directories:0={TestPlugins.Folder}", .. settings.SelectMany(setting => new[] { "--set", setting }), .. arguments]);

    private static JsonNode Rule(JsonNode verdict, string name) => verdict["rules"]!.AsArray().Single(rule => (string?)rule!["rule"] == name)!;
}

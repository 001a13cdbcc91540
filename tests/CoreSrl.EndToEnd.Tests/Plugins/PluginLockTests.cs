using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary><c>srl plugins lock</c>: what was locked is loaded, and nothing else.</summary>
public sealed class PluginLockTests : IDisposable
{
    private const string Useful = "CoreSrl.TestPlugins.Useful";
    private const string Ways = "Install the plugin again; or, if it is the one you want, write the lock anew with 'srl plugins lock'.";

    private readonly TemporaryFolder _folder = new();

    public PluginLockTests()
    {
        Lay("Useful", "plugins");
        _folder.Write("run.json", """
            {
              "Training": { "RunName": "run", "MaxEpisodes": 2, "GamesPerEpisode": 2 },
              "Environment": { "Use": "coop-compete" },
              "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ],
              "Checkpoints": { "Directory": "checkpoints", "Metadata": [ { "Use": "clock" } ] },
              "Plugins": { "Directories": [ "plugins" ] }
            }
            """);
    }

    private string Lock => _folder.File("plugins.lock.json");

    private string Plugin => _folder.File("plugins/Useful");

    [Fact]
    public async Task What_was_locked_is_loaded()
    {
        await LockAsync();

        (await RunAsync("train", "run.json")).Succeeded();
        Assert.Matches(@"^\d+ files are as they were locked: .*/plugins.lock.json\n$", (await RunAsync("plugins", "lock", "run.json", "--check")).Succeeded().Output);
        Assert.Null(await WhyNotAsync("clock"));
    }

    [Fact]
    public async Task The_lock_is_the_same_for_the_same_plugins_wherever_they_lie()
    {
        await LockAsync();
        var first = File.ReadAllText(Lock);
        Directory.Move(_folder.File("plugins"), _folder.File("moved"));
        Directory.Move(_folder.File("moved/Useful"), _folder.File("moved/Renamed"));

        (await RunAsync("plugins", "lock", "run.json", "--set", "Plugins:Directories:0=moved")).Succeeded();

        Assert.Equal(first, File.ReadAllText(Lock));
        var document = JsonNode.Parse(first)!;
        Assert.Equal(1, (int)document["format_version"]!);
        var assemblies = document["plugins"]!.AsArray().Select(plugin => (string)plugin!["assembly"]!).ToList();
        Assert.Superset(new HashSet<string> { "CoreSrl.Plugins.LocalStorage", "CoreSrl.Plugins.TorchLora", Useful }, assemblies.ToHashSet());
        Assert.Equal(assemblies.Order(StringComparer.Ordinal), assemblies);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder.File($"moved/Renamed/{Useful}.dll")))),
            (string?)document["plugins"]!.AsArray().Last(plugin => (string?)plugin!["assembly"] == Useful)!["files"]![$"{Useful}.dll"]);
    }

    [Fact]
    public async Task A_file_that_was_changed_is_named_wherever_the_plugin_is_wanted()
    {
        await LockAsync();
        var file = Path.Combine(Plugin, $"{Useful}.dll");
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1; // The assembly can still be read, and would be loaded.
        File.WriteAllBytes(file, bytes);

        await RefusedAsync($"its file '{Useful}.dll' is not the one that was locked ({Plugin}, {Lock}). {Ways}");
        var check = await RunAsync("plugins", "lock", "run.json", "--check");
        Assert.Equal((1, $"differs  {Useful} ({Plugin}): its file '{Useful}.dll' is not the one that was locked\n{Lock}: 1 differences.\n"), (check.ExitCode, check.Output));

        await LockAsync();
        (await RunAsync("train", "run.json")).Succeeded();
    }

    [Fact]
    public async Task A_file_that_was_added_or_is_missing_is_named_too()
    {
        await LockAsync();
        Directory.CreateDirectory(Path.Combine(Plugin, "runtimes"));
        File.WriteAllText(Path.Combine(Plugin, "runtimes", ".hidden.so"), "");

        await RefusedAsync($"its file 'runtimes/.hidden.so' was not there when it was locked ({Plugin}, {Lock}). {Ways}");

        File.Delete(Path.Combine(Plugin, $"{Useful}.pdb"));
        await RefusedAsync($"its file '{Useful}.pdb' is missing, and 1 more ({Plugin}, {Lock}). {Ways}");
    }

    [Fact]
    public async Task A_plugin_that_was_not_locked_is_refused_and_does_not_hinder_the_others()
    {
        await LockAsync();
        Lay("WithModule", "plugins");

        var refused = await RunAsync("train", "run.json", "--set", "Checkpoints:Metadata:1:Use=greeting");

        Assert.Equal(2, refused.ExitCode);
        Assert.Equal(
            $"srl: Checkpoints:Metadata:1:Use: plugin 'greeting' is refused: it is not among the plugins that were locked ({_folder.File("plugins/WithModule")}, {Lock}). {Ways}\n",
            refused.Error);
        (await RunAsync("train", "run.json")).Succeeded();
        Directory.Delete(Plugin, recursive: true);
        var check = JsonNode.Parse((await RunAsync("plugins", "lock", "run.json", "--check", "--json")).Output)!;
        Assert.Equal(2, check["differences"]!.AsArray().Count);
        Assert.Contains($"{Useful}: it is locked, but in no plugin directory", check["differences"]!.AsArray().Select(difference => (string?)difference));
    }

    [Theory]
    [InlineData("{ \"format_version\": 1,\n \"plugins\": [ ", ", line 2: it is no lock of plugins: ")]
    [InlineData("{ \"format_version\": 2, \"plugins\": \"of tomorrow\" }", ": its format_version is 2; this program understands 1. ")]
    [InlineData("{}", ": its format_version is missing; this program understands 1. ")]
    [InlineData("{ \"format_version\": 1, \"plugins\": [ null ] }", ": it is no lock of plugins: a plugin in it is null. ")]
    [InlineData("null", ": its format_version is missing; this program understands 1. ")]
    [InlineData("{ \"format_version\": 1, \"plugins\": [ { \"assembly\": \"A\" } ] }", ", line 1: it is no lock of plugins: ")]
    [InlineData("{ \"format_version\": 1, \"plugins\": [ { \"assembly\": \"A\", \"version\": \"1\", \"files\": null } ] }", ", line 1: it is no lock of plugins: ")]
    public async Task A_broken_lock_lets_nothing_through_and_can_be_written_anew(string text, string problem)
    {
        File.WriteAllText(Lock, text);

        var result = await RunAsync("train", "run.json");

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"srl: {Lock}{problem}", result.Error, StringComparison.Ordinal);
        Assert.EndsWith("Bring back the one that was written, or, if the plugins are the right ones, write it anew with 'srl plugins lock'.\n", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await LockAsync();
        (await RunAsync("train", "run.json")).Succeeded();
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_compared_with()
    {
        var result = await RunAsync("plugins", "lock", "run.json", "--check");

        Assert.Equal((2, $"srl: There is no {Lock}. 'srl plugins lock' writes it.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task The_lock_beside_a_configuration_that_names_a_place_holds_as_well()
    {
        (await RunAsync("train", "run.json")).Succeeded();
        Lay("Failing", "other/plugins");
        _folder.Write("other/place.json", """{ "Checkpoints": { "Directory": "backup", "Storage": { "Use": "rotting" } }, "Plugins": { "Directories": [ "other/plugins" ] } }""");
        (await RunAsync("plugins", "lock", "--set", "Plugins:Directories:0=other/plugins")).Succeeded();
        File.Move(Lock, _folder.File("other/plugins.lock.json"));
        Assert.NotEqual(2, (await RunAsync("backup", "--all", "--to", "other/place.json", "--config", "run.json")).ExitCode);
        File.WriteAllText(_folder.File("other/plugins/Failing/more.txt"), "");

        var refused = await RunAsync("backup", "--all", "--to", "other/place.json", "--config", "run.json");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("plugin 'rotting' is refused: its file 'more.txt' was not there when it was locked", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_added_afterwards_is_said_to_wait_for_the_lock()
    {
        await LockAsync();

        var added = (await RunAsync("plugins", "add", Path.Combine(TestPlugins.Folder, "WithModule"), "--config", "run.json")).Succeeded();

        Assert.EndsWith($"It is refused until it is in {Lock}: 'srl plugins lock' writes that anew.\n", added.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<SrlResult> RunAsync(params string[] arguments) => Srl.RunAsync(_folder.Path, arguments);

    private async Task LockAsync() => (await RunAsync("plugins", "lock", "run.json")).Succeeded();

    private async Task RefusedAsync(string reason)
    {
        var result = await RunAsync("train", "run.json");
        Assert.Equal((2, $"srl: Checkpoints:Metadata:0:Use: plugin 'clock' is refused: {reason}\n"), (result.ExitCode, result.Error));
        Assert.Equal($"plugin 'clock' is refused: {reason}", await WhyNotAsync("clock"));
    }

    private async Task<string?> WhyNotAsync(string plugin) =>
        (string?)JsonNode.Parse((await RunAsync("plugins", "list", plugin, "--config", "run.json", "--json")).Succeeded().Output)![0]!["not_loaded"];

    private void Lay(string plugin, string directory)
    {
        var folder = Directory.CreateDirectory(_folder.File($"{directory}/{plugin}")).FullName;
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, plugin), folder);
    }
}

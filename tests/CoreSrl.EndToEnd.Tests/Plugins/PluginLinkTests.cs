using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Links inside a plugin's folder: one to a folder is refused, one to a file counts as that file.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PluginLinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PluginLinkTests()
    {
        Lay("Useful");
        Lay("WithModule");
    }

    private string Plugin => _folder.File("plugins/Useful");

    // Two of them, and all paths through them have no end.
    [UnixFact]
    public async Task A_plugin_with_a_link_to_a_folder_is_refused_by_the_links_name_and_the_others_are_not()
    {
        Directory.CreateSymbolicLink($"{Plugin}/again", ".");
        Directory.CreateSymbolicLink($"{Plugin}/more", "..");
        var reason = $"plugin 'clock' is refused: {Plugin}/again is a link to a folder, to '.'; a plugin's folder holds its files itself. Remove the link, or put what it leads to in its place.";

        Assert.Equal(reason, await WhyNotAsync("clock"));
        Assert.Null(await WhyNotAsync("greeting"));
        Assert.Contains("  greeting ", (await RunAsync("list")).Succeeded().Output, StringComparison.Ordinal);
        var train = await Srl.RunAsync(_folder.Path, "train", "--set", "Plugins:Directories:0=plugins", "--set", "Checkpoints:Metadata:0:Use=clock");
        Assert.Equal((2, $"srl: Checkpoints:Metadata:0:Use: {reason}\n"), (train.ExitCode, train.Error));
        Assert.Equal(reason, await WhyNotAsync("clock", "--set", "Plugins:AllowWritableByOthers=true"));
    }

    [UnixFact]
    public async Task Such_a_plugin_can_be_neither_added_nor_locked()
    {
        (await RunAsync("lock")).Succeeded();
        Directory.CreateSymbolicLink($"{Plugin}/again", ".");
        Directory.CreateSymbolicLink($"{Plugin}/more", "..");

        var added = await RunAsync("add", Plugin, "--to", "elsewhere");
        var locked = await RunAsync("lock");
        var compared = await RunAsync("lock", "--check");

        Assert.Equal(2, added.ExitCode);
        Assert.Contains($"{Plugin}/again is a link, to .: what it leads to may change or go.", added.Error, StringComparison.Ordinal);
        Assert.Equal((1, $"srl: {Plugin}/again is a link to a folder, to '.'; a plugin's folder holds its files itself. Remove the link, or put what it leads to in its place.\n"), (locked.ExitCode, locked.Error));
        Assert.Equal(1, compared.ExitCode);
        Assert.Contains($"({Plugin}): a file of it cannot be read: {Plugin}/again is a link to a folder, to '.'", compared.Output, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_link_to_a_file_counts_as_the_file_it_leads_to()
    {
        var outside = _folder.Write("outside.txt", "as it was");
        File.CreateSymbolicLink($"{Plugin}/notes.txt", outside);
        (await RunAsync("lock")).Succeeded();
        Assert.Null(await WhyNotAsync("clock"));

        File.WriteAllText(outside, "as it is");
        Assert.Contains("its file 'notes.txt' is not the one that was locked", await WhyNotAsync("clock"), StringComparison.Ordinal);

        File.WriteAllText(outside, "as it was");
        File.SetUnixFileMode(outside, (UnixFileMode)0x1B6); // rw-rw-rw-
        Assert.Contains($"everybody may write to {outside}.", await WhyNotAsync("clock"), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_link_that_leads_to_itself_is_refused()
    {
        File.CreateSymbolicLink($"{Plugin}/one", "two");
        File.CreateSymbolicLink($"{Plugin}/two", "one");

        Assert.Contains("is a link that leads to itself", await WhyNotAsync("clock"), StringComparison.Ordinal);
    }

    // Each link on the way is looked at once, however often the way comes by.
    [UnixFact]
    public async Task A_plugin_directory_behind_many_links_is_looked_at_in_no_time()
    {
        Directory.CreateSymbolicLink(_folder.File("here"), ".");
        var way = string.Concat(Enumerable.Repeat("here/", 30));

        Assert.Null((string?)(await ListAsync("clock", "--set", $"Plugins:Directories:0={way}plugins"))["not_loaded"]);
    }

    public void Dispose() => _folder.Dispose();

    private Task<SrlResult> RunAsync(params string[] arguments) => Srl.RunAsync(_folder.Path, ["plugins", arguments[0], "--set", "Plugins:Directories:0=plugins", .. arguments[1..]]);

    private async Task<string?> WhyNotAsync(string plugin, params string[] settings) => (string?)(await ListAsync(plugin, settings))["not_loaded"];

    private async Task<JsonNode> ListAsync(string plugin, params string[] settings) => JsonNode.Parse((await RunAsync(["list", plugin, "--json", .. settings])).Succeeded().Output)![0]!;

    private void Lay(string plugin)
    {
        Directory.CreateDirectory(_folder.File($"plugins/{plugin}"));
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, plugin), _folder.File($"plugins/{plugin}"));
    }
}

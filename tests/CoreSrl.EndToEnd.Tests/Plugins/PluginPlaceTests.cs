using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Where <c>srl plugins add</c> can put a plugin, and what it asks for.</summary>
public sealed class PluginPlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PluginPlaceTests() => _folder.Write("notes.txt", "a file");

    private string Source { get; } = Path.Combine(TestPlugins.Folder, "WithModule");

    [Fact]
    public async Task What_fails_leaves_no_directory_behind()
    {
        await FailsAsync(["notes.txt", "--to", "a/b/c"], "notes.txt: neither a folder nor a .nupkg.");

        Assert.False(Directory.Exists(_folder.File("a")));
    }

    [Fact]
    public async Task A_plugin_cannot_be_added_to_a_directory_within_itself()
    {
        var copy = Directory.CreateDirectory(_folder.File("copy")).FullName;
        FolderCopy.Make(Source, copy);

        await FailsAsync([copy, "--to", "copy/plugins"], $"{copy}/plugins lies in {copy}, so the plugin would hold itself. Add it to a plugin directory elsewhere.");

        Assert.Equal(Directory.GetFileSystemEntries(Source).Length, Directory.GetFileSystemEntries(copy).Length);
    }

    [Theory]
    [InlineData("notes.txt", "notes.txt")]
    [InlineData("notes.txt/plugins", "notes.txt")]
    public Task Where_a_file_is_there_is_no_directory(string to, string file) =>
        FailsAsync([Source, "--to", to], $"{_folder.File(to)} cannot be a plugin directory: {_folder.File(file)} is a file. Name another with --to DIR.");

    [Theory]
    [InlineData("source: a value is required, a folder or a .nupkg.", "")]
    [InlineData("--to: a value is required, a plugin directory.", "nowhere", "--to", "")]
    [InlineData("--config: a value is required, a JSON file.", "nowhere", "--config", "")]
    [InlineData("Plugins:Directories:0 (from --set): a directory's name is required.", "nowhere", "--set", "Plugins:Directories:0=")]
    public Task What_is_empty_is_asked_for(string message, params string[] arguments) => FailsAsync(arguments, message);

    [Fact]
    public Task A_directory_whose_name_no_system_takes_is_refused()
    {
        _folder.Write("odd.json", """{ "Plugins": { "Directories": [ "a\u0000b" ] } }""");

        return FailsAsync([Source, "--config", "odd.json"], "Plugins:Directories:0 (from odd.json): a directory's name has no NUL character.");
    }

    public void Dispose() => _folder.Dispose();

    private async Task FailsAsync(string[] arguments, string message)
    {
        var result = await Srl.RunAsync(_folder.Path, ["plugins", "add", .. arguments]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"srl: {message}", result.Error, StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Nobody runs code that others could have put there. Windows keeps such rights in another way, and is not looked at.</summary>
public sealed class PluginDirectoryTests : IDisposable
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody = Own | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string Remedy = "Take that right away (chmod, chown), or set Plugins:AllowWritableByOthers=true if it is meant to be so.";

    private readonly TemporaryFolder _folder = new();

    public PluginDirectoryTests()
    {
        Directory.CreateDirectory(Plugin);
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, "Useful"), Plugin);
    }

    private string Plugin => _folder.File("home/plugins/Useful");

    [UnixFact]
    public async Task A_directory_that_everybody_may_write_to_is_refused()
    {
        Allow(_folder.File("home/plugins"), Everybody);

        await RefusedAsync($"Plugins:Directories: {_folder.File("home/plugins")} is not safe to load code from: everybody may write to {_folder.File("home/plugins")}.");
    }

    [UnixFact]
    public async Task So_is_one_below_such_a_directory_and_one_behind_a_link_there()
    {
        Allow(_folder.File("home"), Everybody);
        Directory.CreateSymbolicLink(_folder.File("link"), _folder.File("home/plugins"));

        await RefusedAsync($"is not safe to load code from: everybody may write to {_folder.File("home")}.");
        await RefusedAsync($"Plugins:Directories: {_folder.File("link")} is not safe to load code from: everybody may write to {_folder.File("home")}.", "link");
    }

    [UnixFact]
    public async Task Where_everybody_may_touch_only_what_is_his_own_nobody_else_can_do_harm()
    {
        Allow(_folder.File("home"), Everybody | UnixFileMode.StickyBit);
        Allow(_folder.File("home/plugins"), Everybody | UnixFileMode.StickyBit);

        Assert.Null(await RefusalAsync());
    }

    [UnixFact]
    public async Task A_plugin_with_a_file_that_everybody_may_write_is_refused_alone()
    {
        var file = Path.Combine(Plugin, "CoreSrl.TestPlugins.Useful.dll");
        Allow(file, Everybody);

        await RefusedAsync($"Checkpoints:Metadata:0:Use: plugin 'clock' is refused: everybody may write to {file}.");
        (await Srl.RunAsync(_folder.Path, "plugins", "list", "--set", "Plugins:Directories:0=home/plugins")).Succeeded();
    }

    [UnixFact]
    public async Task What_belongs_to_somebody_else_is_refused()
    {
        if (Environment.UserName != "root")
            return; // Nobody else can give a file away.
        using (var chown = Process.Start("chown", ["4711", Plugin]))
            await chown.WaitForExitAsync();

        await RefusedAsync($"plugin 'clock' is refused: {Plugin} belongs to another user, number 4711.");
    }

    [UnixFact]
    public async Task Whoever_insists_gets_it_all_the_same()
    {
        Allow(_folder.File("home/plugins"), Everybody);
        Allow(Plugin, Everybody);

        Assert.Null(await RefusalAsync("home/plugins", "Plugins:AllowWritableByOthers=true"));
    }

    [UnixFact]
    public async Task Nothing_is_added_where_it_would_be_refused()
    {
        Allow(_folder.File("home"), Everybody);

        var result = await Srl.RunAsync(_folder.Path, "plugins", "add", Path.Combine(TestPlugins.Folder, "WithModule"), "--to", "home/more/plugins");

        Assert.Equal((2, $"srl: {_folder.File("home/more/plugins")} is no safe place for code: everybody may write to {_folder.File("home")}. {Remedy}\n"), (result.ExitCode, result.Error));
        Assert.False(Directory.Exists(_folder.File("home/more")));
    }

    [UnixFact]
    public async Task What_is_added_others_may_not_write()
    {
        var source = Directory.CreateDirectory(_folder.File("source")).FullName;
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, "WithModule"), source);
        foreach (var file in Directory.GetFiles(source))
            Allow(file, Everybody);

        (await Srl.RunAsync(_folder.Path, "plugins", "add", "source", "--to", "home/plugins")).Succeeded();

        Assert.Null(await RefusalAsync("home/plugins", "Checkpoints:Metadata:0:Use=greeting"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task RefusedAsync(string reason, string directory = "home/plugins")
    {
        var refusal = await RefusalAsync(directory);
        Assert.NotNull(refusal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.EndsWith($" {Remedy}\n", refusal, StringComparison.Ordinal);
    }

    /// <summary>What is said against a run that uses the plugin; null when it runs.</summary>
    private async Task<string?> RefusalAsync(string directory = "home/plugins", params string[] settings)
    {
        string[] all = ["Training:MaxEpisodes=1", "Training:GamesPerEpisode=2", "Checkpoints:Metadata:0:Use=clock", $"Plugins:Directories:0={directory}", .. settings];
        var result = await Srl.RunAsync(_folder.Path, ["train", .. all.SelectMany(setting => new[] { "--set", setting })]);
        if (result.ExitCode == 0)
            return null;
        Assert.Equal(2, result.ExitCode);
        return result.Error;
    }

    private static void Allow(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}

using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary><c>srl plugins add</c> and <c>remove</c>.</summary>
public sealed class PluginInstallTests : IClassFixture<PackedPlugin>, IDisposable
{
    private const string Useful = "CoreSrl.TestPlugins.Useful";

    private readonly TemporaryFolder _folder = new();
    private readonly PackedPlugin _packed;

    public PluginInstallTests(PackedPlugin packed)
    {
        _packed = packed;
        _folder.Write("run.json", """
            {
              "Training": { "RunName": "run", "MaxEpisodes": 2, "GamesPerEpisode": 2 },
              "Environment": { "Use": "coop-compete" },
              "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ],
              "Checkpoints": { "Directory": "checkpoints" },
              "Plugins": { "Directories": [ "plugins" ] }
            }
            """);
    }

    private string Source { get; } = Path.Combine(TestPlugins.Folder, "Useful");

    [Fact]
    public async Task A_package_is_added_used_and_removed()
    {
        var added = await RunAsync("plugins", "add", _packed.Package, "--config", "run.json");

        Assert.Equal(
            $"Added {_folder.File("plugins/CoreSrl.TestPlugins.WithNative")}, version 0.1.0.0. To use it:\n"
            + "  { \"Checkpoints\": { \"Metadata\": [ { \"Use\": \"sodium\" } ] } }\n'srl plugins list sodium' shows its options.\n",
            added.Succeeded().Output);
        (await RunAsync("train", "run.json", "--set", "Checkpoints:Metadata:0:Use=sodium")).Succeeded();
        var id = (string)JsonNode.Parse((await RunAsync("list", "run.json", "--json")).Succeeded().Output)![0]!["id"]!;
        Assert.Equal("1.0.22", (string?)JsonNode.Parse((await RunAsync("show", id, "--config", "run.json", "--json")).Succeeded().Output)!["global_metrics"]!["sodium"]);

        var removed = await RunAsync("plugins", "remove", "sodium", "--config", "run.json", "--yes");

        Assert.Equal($"Removed {_folder.File("plugins/CoreSrl.TestPlugins.WithNative")}, with sodium (metadata).\n", removed.Succeeded().Output);
        Assert.Empty(Laid());
        Assert.Equal(2, (await RunAsync("train", "run.json", "--set", "Checkpoints:Metadata:0:Use=sodium")).ExitCode);
    }

    [Fact]
    public async Task A_folder_is_added_as_a_whole_and_in_no_other_form()
    {
        (await RunAsync("plugins", "add", Source, "--to", "elsewhere")).Succeeded();

        Assert.Equal(Files(Source), Files(_folder.File($"elsewhere/{Useful}")));
        Assert.Equal([Useful], Directory.GetDirectories(_folder.File("elsewhere")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_there_is_replaced_only_if_that_is_said()
    {
        (await RunAsync("plugins", "add", Source, "--to", "plugins")).Succeeded();
        File.AppendAllText(_folder.File($"plugins/{Useful}/notes.txt"), "of the old one");

        var refused = await RunAsync("plugins", "add", Source, "--to", "plugins");

        Assert.Equal((2, $"srl: {_folder.File($"plugins/{Useful}")} is there already, in version 0.1.0.0. To put version 0.1.0.0 in its place, say --replace.\n"), (refused.ExitCode, refused.Error));
        Assert.True(File.Exists(_folder.File($"plugins/{Useful}/notes.txt")));

        var replaced = JsonNode.Parse((await RunAsync("plugins", "add", Source, "--to", "plugins", "--replace", "--json")).Succeeded().Output)!;

        Assert.True((bool)replaced["replaced"]!);
        Assert.Equal(["milestone", "clock", "gate"], replaced["plugins"]!.AsArray().Select(plugin => (string?)plugin!["name"]).OrderBy(name => name == "milestone" ? 0 : name == "clock" ? 1 : 2));
        Assert.Equal(Files(Source), Files(_folder.File($"plugins/{Useful}")));
    }

    [Fact]
    public async Task A_plugin_that_bears_the_name_of_another_is_refused()
    {
        var twin = Copy("twin");
        foreach (var file in Directory.GetFiles(twin))
            File.Move(file, file.Replace(Useful, "Twin", StringComparison.Ordinal));
        File.Delete(Path.Combine(twin, "Twin.runtimeconfig.json"));
        File.WriteAllText(Path.Combine(twin, "Twin.deps.json"), """{ "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" }, "targets": { } }""");
        (await RunAsync("plugins", "add", Source, "--config", "run.json")).Succeeded();

        await RefusedAsync(twin, $"There is another ", $"{_folder.File($"plugins/{Useful}/{Useful}.dll")}. Remove that one first: srl plugins remove ");
    }

    [Fact]
    public Task Where_nothing_is_nothing_can_be_added() => RefusedAsync("nowhere", "nowhere: there is no such folder or file.");

    [Fact]
    public Task A_folder_without_a_plugin_is_refused() =>
        RefusedAsync(Directory.CreateDirectory(_folder.File("empty")).FullName, "is no plugin: it holds no .deps.json file; name the folder that 'dotnet publish' laid out.");

    [Fact]
    public Task A_project_is_no_built_plugin() =>
        RefusedAsync(Path.Combine(Srl.Metadata("TestPluginsPath"), "Useful"), "is a project, not a plugin. Type 'dotnet publish ");

    [Fact]
    public Task A_file_of_another_kind_is_refused() => RefusedAsync("run.json", "run.json: neither a folder nor a .nupkg.");

    [Fact]
    public Task A_plugin_for_newer_contracts_is_refused() =>
        RefusedAsync(Path.Combine(TestPlugins.Folder, "NewerApi"), $"was built for API level 2, this program has level 1 ({Path.Combine(TestPlugins.Folder, "NewerApi")}). Update Core SRL");

    [Fact]
    public Task A_plugin_whose_list_of_dependencies_is_none_is_refused()
    {
        var copy = Copy("copy");
        File.WriteAllText(Path.Combine(copy, $"{Useful}.deps.json"), "{}");

        return RefusedAsync(copy, $"{copy} is not complete: its {Useful}.deps.json is not the list of dependencies that the SDK writes. Name the folder");
    }

    [Fact]
    public Task A_plugin_whose_folder_nobody_would_look_into_is_refused()
    {
        var copy = Copy("copy");
        foreach (var file in Directory.GetFiles(copy))
            File.Move(file, file.Replace(Useful, ".Useful", StringComparison.Ordinal));

        return RefusedAsync(copy, $"{copy}: its assembly is called '.Useful', and so would be its folder; one whose name begins with a dot is nobody's plugin.");
    }

    [Fact]
    public Task A_plugin_that_is_not_complete_is_refused() =>
        RefusedAsync(Path.Combine(TestPlugins.Folder, "Incomplete"), "is not complete: its Nito.Collections.Deque.dll is missing.");

    [Theory]
    [InlineData("CoreSrl.Abstractions.dll")]
    [InlineData("TorchSharp.dll")]
    [InlineData("runtimes/linux-x64/native/libtorch_cpu.so")]
    public Task A_plugin_with_a_copy_of_what_the_program_shares_is_refused(string file)
    {
        var copy = Copy("copy");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
        File.WriteAllText(Path.Combine(copy, file), "");

        return RefusedAsync(copy, $"brings its own {file}, which the program has once for all plugins. Mark the reference in its project ExcludeAssets=\"runtime\"");
    }

    [Fact]
    public Task A_folder_with_a_link_in_it_is_refused()
    {
        if (OperatingSystem.IsWindows())
            return Task.CompletedTask;
        var copy = Copy("copy");
        File.CreateSymbolicLink(Path.Combine(copy, "secret.txt"), "/etc/hostname");

        return RefusedAsync(copy, $"{copy}/secret.txt is a link, to /etc/hostname");
    }

    [Fact]
    public async Task A_package_that_reaches_out_of_its_folder_leaves_nothing_behind()
    {
        var evil = _folder.File("evil.nupkg");
        File.Copy(_packed.Package, evil);
        using (var archive = ZipFile.Open(evil, ZipArchiveMode.Update))
            archive.CreateEntry("tools/net10.0/any/../../../../evil.txt");

        await RefusedAsync("evil.nupkg", "'tools/net10.0/any/../../../../evil.txt' would lie outside the plugin's folder. Nothing was installed; do not trust this package.");
        Assert.Empty(Directory.GetFiles(_folder.Path, "evil.txt", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(2)] // SIGINT, as Ctrl-C sends it
    [InlineData(15)] // SIGTERM
    public async Task When_it_is_stopped_nothing_is_left_behind(int signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        var large = _folder.File("large.nupkg");
        File.Copy(_packed.Package, large);
        using (var archive = ZipFile.Open(large, ZipArchiveMode.Update))
        {
            using var content = archive.CreateEntry("tools/net10.0/any/large.bin", CompressionLevel.Fastest).Open();
            for (var megabytes = 0; megabytes < 768; megabytes++)
                content.Write(new byte[1 << 20]);
        }

        using var add = Srl.Start(_folder.Path, "plugins", "add", large, "--to", "new/plugins");
        for (var clock = Stopwatch.StartNew(); !Directory.Exists(_folder.File("new")) || Directory.GetFiles(_folder.File("new"), "large.bin", SearchOption.AllDirectories).Length == 0; await Task.Delay(5))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "it takes too long");
        add.Signal(signal);
        var result = await add.WaitAsync();

        Assert.Equal((130, "srl: Interrupted; nothing was changed.\n"), (result.ExitCode, result.Error));
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Fact]
    public async Task The_programs_own_plugins_cannot_be_removed()
    {
        var result = await RunAsync("plugins", "remove", "torch-lora", "--yes");

        Assert.Equal((2, "srl: 'torch-lora' belongs to the program itself and cannot be removed; nothing uses it that no configuration selects.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Nothing_is_removed_where_nobody_can_be_asked()
    {
        (await RunAsync("plugins", "add", Source, "--config", "run.json")).Succeeded();

        var result = await RunAsync("plugins", "remove", "clock", "--config", "run.json");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"srl: {_folder.File($"plugins/{Useful}")} goes with milestone (policy), clock (metadata), gate (environment). There is nobody to ask; say --yes if that is meant.\n",
            result.Error);
        Assert.Equal([Useful], Laid());
    }

    public void Dispose() => _folder.Dispose();

    private Task<SrlResult> RunAsync(params string[] arguments) => Srl.RunAsync(_folder.Path, arguments);

    /// <summary>Adding fails with words like these, and leaves the plugin directory as it was.</summary>
    private async Task RefusedAsync(string source, params string[] words)
    {
        var before = Laid();

        var result = await RunAsync("plugins", "add", source, "--config", "run.json");

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.All(words, word => Assert.Contains(word, result.Error, StringComparison.Ordinal));
        Assert.Equal(before, Laid());
    }

    /// <summary>What lies in the plugin directory.</summary>
    private List<string?> Laid() => Directory.Exists(_folder.File("plugins")) ? [.. Directory.EnumerateFileSystemEntries(_folder.File("plugins")).Select(Path.GetFileName).Order()] : [];

    private string Copy(string name)
    {
        Directory.CreateDirectory(_folder.File(name));
        FolderCopy.Make(Source, _folder.File(name));
        return _folder.File(name);
    }

    private static List<(string Name, string Content)> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => (Path.GetRelativePath(folder, file), Convert.ToHexString(File.ReadAllBytes(file))))];
}

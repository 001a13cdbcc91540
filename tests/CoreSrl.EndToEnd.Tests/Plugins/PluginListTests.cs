using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Tests.Plugins;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary><c>srl plugins list</c>.</summary>
public sealed class PluginListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_plugin_is_listed_with_all_that_a_configuration_must_know()
    {
        var milestone = (await ListAsync("milestone"))[0]!;

        Assert.Equal(("policy", "0.1.0.0", 1), ((string?)milestone["contract"], (string?)milestone["version"], (int)milestone["api_level"]!));
        Assert.Equal("Saves after given episodes.", (string?)milestone["description"]);
        Assert.Equal(Path.Combine(TestPlugins.Folder, "Useful", "CoreSrl.TestPlugins.Useful.dll"), (string?)milestone["path"]);
        Assert.Null(milestone["not_loaded"]);
        Assert.Equal(
            """[{"name":"Episodes","type":"list of whole number","default":null,"takes":"at least 1","required":true},{"name":"Tag","type":"text","default":"milestone","takes":"use lower-case letters","required":false}]""",
            milestone["options"]!.ToJsonString());
    }

    [Fact]
    public async Task The_engines_own_plugins_the_programs_and_those_of_a_directory_are_all_listed()
    {
        var all = await ListAsync();

        Assert.Superset(new HashSet<string> { "any-of", "local", "torch-lora", "milestone", "newer-api" }, all.Select(plugin => (string)plugin!["name"]!).ToHashSet());
        Assert.Equal([false, true, true], new[] { "milestone", "any-of", "local" }.Select(name => (bool)all.First(plugin => (string?)plugin!["name"] == name)!["belongs_to_program"]!));
        Assert.Equal("between 1 and 4096", (string?)Option(all, "torch-lora", "LoraRank")["takes"]);
        Assert.Equal("list of checkpoint policy sections", (string?)Option(all, "any-of", "Policies")["type"]);

        static JsonNode Option(JsonArray all, string plugin, string option) =>
            all.First(entry => (string?)entry!["name"] == plugin)!["options"]!.AsArray().First(entry => (string?)entry!["name"] == option)!;
    }

    [Fact]
    public async Task One_that_cannot_be_loaded_says_why_and_the_rest_is_listed_all_the_same()
    {
        var broken = Directory.CreateDirectory(_folder.File("plugins/Broken")).FullName;
        _folder.Write("plugins/Broken/Broken.deps.json", "{}");
        _folder.Write("plugins/Broken/Broken.dll", "no assembly");
        Directory.CreateDirectory(_folder.File("plugins/Loose"));
        _folder.Write("plugins/Loose/Loose.dll", "no assembly either");
        string[] settings = ["--set", "Plugins:Directories:1=plugins"];

        var all = await ListAsync(settings);

        Assert.Contains("was built for API level 2, this program has level 1", WhyNot("newer-api"), StringComparison.Ordinal);
        Assert.Contains("its Nito.Collections.Deque.dll is missing", WhyNot("incomplete-policy"), StringComparison.Ordinal);
        Assert.Null(WhyNot("milestone"));
        var nothing = all.Where(plugin => plugin!["name"] is null).ToDictionary(plugin => Path.GetFileName((string)plugin!["path"]!), plugin => (string)plugin!["not_loaded"]!);
        Assert.Equal("Broken.dll holds no class with the attribute [Plugin] and a contract", nothing["Broken"]);
        Assert.Equal("it holds no .deps.json files; a plugin's folder is what 'dotnet publish' of one project lays out, with one", nothing["Loose"]);

        var shown = (await Srl.RunAsync(_folder.Path, ["plugins", "list", .. Settings, .. settings])).Succeeded().Output;
        Assert.Contains("  newer-api ", shown, StringComparison.Ordinal);
        Assert.Contains("NOT LOADED", shown, StringComparison.Ordinal);
        Assert.Contains($"  {broken}\n", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n').Where(line => line.Contains("  API ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, 80));

        string? WhyNot(string name) => (string?)all.First(plugin => (string?)plugin!["name"] == name)!["not_loaded"];
    }

    // The part of .NET that reads such a list would end the process.
    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{ "runtimeTarget": { } }""")]
    [InlineData("""{ "runtimeTarget": { "name": "x" }, "targets": { "x": null } , "targets": { } }""")]
    public async Task One_whose_list_of_dependencies_is_broken_says_so_and_the_rest_is_listed_all_the_same(string list)
    {
        var plugin = Directory.CreateDirectory(_folder.File("plugins/Useful")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(TestPlugins.Folder, "Useful")))
            File.Copy(file, Path.Combine(plugin, Path.GetFileName(file)));
        var dependencies = Directory.GetFiles(plugin, "*.deps.json").Single();
        File.WriteAllText(dependencies, list);

        var all = JsonNode.Parse((await Srl.RunAsync(_folder.Path, "plugins", "list", "--json", "--set", "Plugins:Directories:0=plugins")).Succeeded().Output)!.AsArray();

        Assert.Contains(Path.GetFileName(dependencies), (string?)all.First(entry => (string?)entry!["name"] == "milestone")!["not_loaded"], StringComparison.Ordinal);
        Assert.Contains(all, entry => (string?)entry!["name"] == "local" && entry["not_loaded"] is null);
    }

    [Fact]
    public async Task A_name_shows_one_with_its_options_for_people()
    {
        var shown = (await Srl.RunAsync(_folder.Path, ["plugins", "list", "milestone", .. Settings])).Succeeded().Output;

        Assert.Contains("""{ "Checkpoints": { "Policies": [ { "Use": "milestone" } ] } }""", shown, StringComparison.Ordinal);
        Assert.Matches(@"Episodes +\(required\) +list of whole number, at least 1", shown);
        Assert.Matches(@"Tag +milestone +text, use lower-case letters", shown);
    }

    [Fact]
    public async Task How_to_use_it_is_JSON_whatever_its_name_is()
    {
        var plugin = new MadePlugin(_folder.File("plugins/Quoted"), "Quoted");
        plugin.Class("Acme.Quoted", ["a \"quoted\" name"]);
        plugin.Save();

        var shown = (await Srl.RunAsync(_folder.Path, "plugins", "list", "a \"quoted\" name", "--set", "Plugins:Directories:0=plugins")).Succeeded().Output;

        var line = shown.Split('\n').Single(text => text.StartsWith("To use it", StringComparison.Ordinal));
        Assert.Equal("a \"quoted\" name", (string?)JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..])!["Checkpoints"]!["Metadata"]![0]!["Use"]);
    }

    [Fact]
    public async Task An_unknown_name_suggests_the_nearest()
    {
        var result = await Srl.RunAsync(_folder.Path, ["plugins", "list", "milestoen", .. Settings]);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("srl: There is no plugin called 'milestoen'. Did you mean 'milestone'? Known: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_being_added_or_removed_is_no_plugin_yet_or_any_more()
    {
        var half = Directory.CreateDirectory(_folder.File("plugins/.srl-1/new")).Parent!.FullName;
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, "WithModule"), half);

        var all = JsonNode.Parse((await Srl.RunAsync(_folder.Path, "plugins", "list", "--json", "--set", "Plugins:Directories:0=plugins")).Succeeded().Output)!.AsArray();

        Assert.DoesNotContain(all, plugin => (string?)plugin!["name"] is null or "greeting");
    }

    [Fact]
    public async Task A_folder_without_a_plugin_is_told_to_whoever_looks_for_one_in_vain()
    {
        Directory.CreateDirectory(_folder.File("plugins/Loose"));
        _folder.Write("plugins/Loose/Loose.dll", "no assembly");

        var result = await Srl.RunAsync(_folder.Path, "train", "--set", "Plugins:Directories:0=plugins", "--set", "Checkpoints:Policies:0:Use=loose");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"No plugin was found in {_folder.File("plugins/Loose")}: it holds no .deps.json files", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_ends_its_process_when_it_is_loaded_is_told_as_such_and_no_other_is()
    {
        _folder.Write("lethal", "");

        var all = await ListAsync();

        Assert.StartsWith("plugin 'lethal' cannot be loaded: the process in which that was tried ended with code ", WhyNot("lethal"), StringComparison.Ordinal);
        Assert.Contains("the driver is gone", WhyNot("lethal"), StringComparison.Ordinal);
        Assert.All(new[] { "undone", "milestone", "greeting", "torch-lora" }, plugin => Assert.Null(WhyNot(plugin)));
        Assert.Equal("Episodes", (string?)all.First(plugin => (string?)plugin!["name"] == "milestone")!["options"]![0]!["name"]);

        string? WhyNot(string name) => (string?)all.First(plugin => (string?)plugin!["name"] == name)!["not_loaded"];
    }

    [Fact]
    public async Task Of_two_with_one_name_neither_is_loaded_as_no_run_would_get_one()
    {
        foreach (var name in new[] { "One", "Two" })
            FolderCopy.Make(Path.Combine(TestPlugins.Folder, "WithModule"), Directory.CreateDirectory(_folder.File($"plugins/{name}")).FullName);
        string[] settings = ["--set", "Plugins:Directories:0=plugins"];

        var both = JsonNode.Parse((await Srl.RunAsync(_folder.Path, ["plugins", "list", "greeting", "--json", .. settings])).Succeeded().Output)!.AsArray();
        var train = await Srl.RunAsync(_folder.Path, ["train", "--set", "Checkpoints:Metadata:0:Use=greeting", .. settings]);

        var file = "CoreSrl.TestPlugins.WithModule.dll";
        var reason = $"'greeting' is the name of 2 plugins: {_folder.File($"plugins/One/{file}")}, {_folder.File($"plugins/Two/{file}")}. Remove all but one.";
        Assert.Equal([reason, reason], both.Select(plugin => (string?)plugin!["not_loaded"]));
        Assert.Equal((2, $"srl: Checkpoints:Metadata:0:Use: {reason}\n"), (train.ExitCode, train.Error));
    }

    [Fact]
    public async Task Of_a_configuration_no_more_than_the_section_Plugins_is_needed()
    {
        _folder.Write("plugins.json", $$"""{ "Training": { "MaxEpisodes": "many" }, "Plugins": { "Directories": [ {{JsonValue.Create(TestPlugins.Folder).ToJsonString()}} ] } }""");

        var listed = await Srl.RunAsync(_folder.Path, "plugins", "list", "milestone", "--config", "plugins.json");
        var locked = await Srl.RunAsync(_folder.Path, "plugins", "lock", "plugins.json");
        var misspelt = await Srl.RunAsync(_folder.Path, "plugins", "list", "--config", "plugins.json", "--set", "Plugin:Directories:0=plugins");
        var wrong = await Srl.RunAsync(_folder.Path, "plugins", "list", "--config", "plugins.json", "--set", "Plugins:TimeLimit=soon");

        Assert.Contains("(required)", listed.Succeeded().Output, StringComparison.Ordinal);
        Assert.EndsWith($"{_folder.File("plugins.lock.json")}\n", locked.Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal((2, "srl: Plugin (from --set): no option of the configuration is called 'Plugin'. Did you mean 'Plugins'? Known: Checkpoints, Environment, Models, Plugins, Training.\n"), (misspelt.ExitCode, misspelt.Error));
        Assert.Equal((2, "srl: Plugins:TimeLimit (from --set): 'soon' is not a time span (hh:mm:ss).\n"), (wrong.ExitCode, wrong.Error));
    }

    [Fact]
    public async Task A_name_does_nothing_to_the_terminal()
    {
        var listed = (await Srl.RunAsync(_folder.Path, ["plugins", "list", .. Settings])).Succeeded().Output;
        var shown = (await Srl.RunAsync(_folder.Path, ["plugins", "list", "red\u001b[31m\nname", .. Settings])).Succeeded().Output;
        var unknown = (await Srl.RunAsync(_folder.Path, ["plugins", "list", "red", .. Settings])).Error;

        Assert.All(new[] { listed, shown, unknown }, text => Assert.Contains(@"red\u001b[31m\u000aname", text, StringComparison.Ordinal));
        Assert.Contains(@"Turns\u202e round.", listed, StringComparison.Ordinal);
        Assert.All(new[] { listed, shown, unknown }, text => Assert.DoesNotContain(text, c => c is '\u001b' or '\u202e'));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Settings => ["--set", $"Plugins:Directories:0={TestPlugins.Folder}"];

    private async Task<JsonArray> ListAsync(params string[] arguments) =>
        JsonNode.Parse((await Srl.RunAsync(_folder.Path, ["plugins", "list", .. arguments, .. Settings, "--json"])).Succeeded().Output)!.AsArray();
}

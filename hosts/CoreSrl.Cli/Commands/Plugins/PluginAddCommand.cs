using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Installing;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins add</c>: installs a plugin into a plugin directory.</summary>
internal static class PluginAddCommand
{
    public static Command Create()
    {
        var command = new Command("add", "Install a plugin into a plugin directory.");
        var source = new Argument<string>("source") { Description = "The folder that 'dotnet publish' laid out, or a .nupkg that 'dotnet pack' made of it." };
        var to = new Option<string?>("--to") { Description = "The plugin directory; without it, the first of Plugins:Directories.", HelpName = "dir" };
        var replace = new Option<bool>("--replace") { Description = "Put it in the place of another version of the same plugin." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Arguments.Add(source);
        command.Options.Add(to);
        command.Options.Add(replace);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            if (parsed.GetValue(source) is "" or null)
                throw new ConfigurationException("source: a value is required, a folder or a .nupkg.");
            if (parsed.GetValue(to) is "")
                throw new ConfigurationException("--to: a value is required, a plugin directory.");
            var config = configuration.LoadPlugins(parsed);
            var installer = new PluginInstaller(config);
            var directory = parsed.GetValue(to) ?? installer.DefaultDirectory;
            var installed = installer.Add(parsed.GetValue(source)!, directory, parsed.GetValue(replace), interruption.Token);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(Describe(installed)));
            else
                Say(installed, config);
        });
        return command;
    }

    private static void Say(InstalledPlugin installed, MultiModelConfig config)
    {
        Write($"{(installed.HasReplaced ? "Replaced" : "Added")} {installed.Folder}, version {installed.Plugins[0].Version}. To use it:");
        var directory = Path.GetDirectoryName(installed.Folder)!;
        if (!config.Plugins.Directories.Any(known => Path.TrimEndingDirectorySeparator(Path.GetFullPath(known)) == directory))
            Write($"  {{ \"Plugins\": {{ \"Directories\": [ {JsonValue.Create(directory).ToJsonString()} ] }} }}");
        foreach (var plugin in installed.Plugins)
            Write($"  {PluginsCommand.HowToUse(plugin)}");
        Write($"'srl plugins list {installed.Plugins[0].Name}' shows its options.");
        if (File.Exists(config.PluginLock))
            Write($"It is refused until it is in {config.PluginLock}: 'srl plugins lock' writes that anew.");

        static void Write(string line) => Console.WriteLine(Terminal.Printable(line));
    }

    private static JsonObject Describe(InstalledPlugin installed) => new()
    {
        ["folder"] = installed.Folder,
        ["replaced"] = installed.HasReplaced,
        ["plugins"] = new JsonArray([.. installed.Plugins.Select(plugin => (JsonNode)new JsonObject
        {
            ["name"] = plugin.Name,
            ["contract"] = plugin.Contract.Word(),
            ["version"] = plugin.Version.ToString(),
        })]),
    };
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Locking;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins lock</c>: records every file of every plugin, so that no other is loaded from then on.</summary>
internal static class PluginLockCommand
{
    public static Command Create()
    {
        var command = new Command("lock", "Record every file of every plugin beside the configuration; from then on no other is loaded.");
        var check = new Option<bool>("--check") { Description = "Only say what differs from what was recorded." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var configuration = new ConfigurationArguments(command, positional: true, withDirectory: false);
        command.Options.Add(check);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var config = configuration.LoadPlugins(parsed);
            var catalog = PluginCatalog.Discover(config);
            return parsed.GetValue(check)
                ? Check(PluginLock.Read(config.PluginLock) ?? throw new ConfigurationException($"There is no {config.PluginLock}. 'srl plugins lock' writes it."), catalog, config.PluginLock, parsed.GetValue(json))
                : Write(PluginLock.Of(catalog), config.PluginLock, parsed.GetValue(json));
        });
        return command;
    }

    private static int Write(PluginLock plugins, string path, bool json)
    {
        plugins.Write(path);
        if (json)
            Console.WriteLine(JsonText.Write(new JsonObject { ["lock"] = path, ["assemblies"] = JsonSerializer.SerializeToNode(plugins.Assemblies), ["files"] = plugins.FileCount }));
        else
            Console.WriteLine($"Locked {plugins.FileCount} files of {plugins.Assemblies.Count} plugin assemblies: {path}");
        return ExitCode.Done;
    }

    private static int Check(PluginLock plugins, PluginCatalog catalog, string path, bool json)
    {
        var differences = plugins.DifferencesTo(catalog);
        if (json)
        {
            Console.WriteLine(JsonText.Write(new JsonObject { ["lock"] = path, ["ok"] = differences.Count == 0, ["differences"] = JsonSerializer.SerializeToNode(differences) }));
        }
        else
        {
            foreach (var difference in differences)
                Console.WriteLine(Terminal.Printable($"differs  {difference}"));
            Console.WriteLine(differences.Count == 0 ? $"{plugins.FileCount} files are as they were locked: {path}" : $"{path}: {differences.Count} differences.");
        }

        return differences.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}

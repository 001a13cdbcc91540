using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Installing;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins remove</c>: takes a plugin, and all that came with it, out of its plugin directory.</summary>
internal static class PluginRemoveCommand
{
    public static Command Create()
    {
        var command = new Command("remove", "Remove a plugin's folder, with all plugins of its assembly.");
        var name = new Argument<string>("name") { HelpName = "name", Description = "Which plugin." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask first." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Arguments.Add(name);
        command.Options.Add(yes);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        name.CompleteFrom(configuration, plugin => !plugin.BelongsToProgram);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var catalog = PluginCatalog.Discover(configuration.LoadPlugins(parsed));
            var plugin = Choose(catalog, parsed.GetValue(name)!);
            var folder = Path.GetDirectoryName(plugin.AssemblyPath)!;
            var all = catalog.Plugins.Where(other => other.AssemblyPath == plugin.AssemblyPath).Select(other => $"{other.Name} ({other.Contract.Word()})").ToList();
            if (!parsed.GetValue(yes) && !Ask(folder, all))
            {
                Console.WriteLine("Nothing was removed.");
                return ExitCode.Done;
            }

            PluginInstaller.Remove(plugin);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonObject { ["folder"] = folder, ["removed"] = new JsonArray([.. all.Select(what => (JsonNode)what)]) }));
            else
                Console.WriteLine(Terminal.Printable($"Removed {folder}, with {string.Join(", ", all)}."));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The plugin of a name that can be removed; one name may stand for several contracts, in one folder or in more.</summary>
    private static PluginDescriptor Choose(PluginCatalog catalog, string name)
    {
        var named = catalog.Named(name);
        var removable = named.Where(plugin => !plugin.BelongsToProgram).DistinctBy(plugin => plugin.AssemblyPath).ToList();
        return removable.Count switch
        {
            0 => throw new ConfigurationException($"'{named[0].Name}' belongs to the program itself and cannot be removed; nothing uses it that no configuration selects."),
            1 => removable[0],
            _ => throw new ConfigurationException($"'{name}' is in {removable.Count} folders: {string.Join(", ", removable.Select(plugin => Path.GetDirectoryName(plugin.AssemblyPath)))}. Delete the one that you do not want."),
        };
    }

    private static bool Ask(string folder, IReadOnlyList<string> plugins)
    {
        if (Console.IsInputRedirected)
            throw new ConfigurationException($"{folder} goes with {string.Join(", ", plugins)}. There is nobody to ask; say --yes if that is meant.");
        Console.Write($"{Terminal.Printable($"Remove {folder}, with {string.Join(", ", plugins)}?")} [y/N] ");
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}

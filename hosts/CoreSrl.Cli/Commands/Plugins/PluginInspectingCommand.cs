using System.CommandLine;
using CoreSrl.Cli.Isolation;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>What <c>srl plugins list</c> starts: loads plugins in this process, and tells through a pipe which options each has.</summary>
internal static class PluginInspectingCommand
{
    public const string Name = "list-here";
    public const string PluginOption = "--plugin";

    public static Command Create()
    {
        var command = new Command(Name, "Load plugins in this process, for 'srl plugins list'.") { Hidden = true };
        var plugins = new Option<string[]>(PluginOption);
        var pipe = new Option<string>(ParentProcess.PipeOption) { Required = true };
        command.Options.Add(plugins);
        command.Options.Add(pipe);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        command.SetAction(async parsed =>
        {
            await using var parent = new ParentProcess(parsed.GetValue(pipe)!);
            var config = configuration.LoadPlugins(parsed);
            var inspector = new PluginInspector(config);
            var known = PluginCatalog.Discover(config).Plugins.ToLookup(InspectMessage.KeyOf);
            foreach (var key in parsed.GetValue(plugins)!)
            {
                var listed = known[key].Select(plugin => ListedPlugin.Load(plugin, inspector)).FirstOrDefault();
                parent.Tell(new InspectMessage(listed?.Options ?? [], listed is null ? "it is not there any more." : listed.NotLoaded).ToLine());
            }

            // What a plugin left running must not keep the process.
            Environment.Exit(ExitCode.Done);
        });
        return command;
    }
}

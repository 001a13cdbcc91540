using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Cli.Isolation;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins list</c>: which plugins there are, where they lie, what they can be told, and why one is not loaded.</summary>
internal static class PluginListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the plugins that a configuration can select; with a name, one and its options.");
        var name = new Argument<string?>("name") { HelpName = "name", Description = "Which plugin; without one, all.", Arity = ArgumentArity.ZeroOrOne };
        command.Arguments.Add(name);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        name.CompleteFrom(configuration, _ => true);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Options.Add(json);
        command.SetAction(async parsed =>
        {
            var config = configuration.LoadPlugins(parsed);
            var catalog = PluginCatalog.Discover(config);
            var one = parsed.GetValue(name);
            var plugins = await ListAsync(one is null ? catalog.Plugins : catalog.Named(one), catalog, config, configuration.AsTyped(parsed));
            var problems = one is null ? catalog.Problems : [];
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonArray([.. plugins.Select(Describe), .. problems.Select(Describe)])));
            else if (one is null)
                PluginTable.Write(plugins, problems);
            else
                plugins.ForEach(PluginDetails.Write);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Loads what is not refused: the program's own plugins here, others where they can do no harm.</summary>
    private static async Task<List<ListedPlugin>> ListAsync(IReadOnlyList<PluginDescriptor> plugins, PluginCatalog catalog, MultiModelConfig config, IReadOnlyList<string> asTyped)
    {
        var refused = plugins.Select(plugin => (Plugin: plugin, Reason: catalog.RefusalOf(plugin))).Where(plugin => plugin.Reason is not null).ToDictionary(plugin => plugin.Plugin, plugin => plugin.Reason);
        var others = plugins.Where(plugin => !plugin.BelongsToProgram && !refused.ContainsKey(plugin)).ToList();
        var inspection = new PluginInspection(["plugins", PluginInspectingCommand.Name, .. asTyped], config.Plugins.TimeLimit);
        var inspected = (await inspection.RunAsync(others)).ToDictionary(listed => listed.Plugin);
        var inspector = new PluginInspector(config);
        return [.. plugins.Select(plugin => refused.TryGetValue(plugin, out var reason) ? new(plugin, [], reason) : inspected.GetValueOrDefault(plugin) ?? ListedPlugin.Load(plugin, inspector))];
    }

    private static JsonNode Describe(ListedPlugin listed) => new JsonObject
    {
        ["name"] = listed.Plugin.Name,
        ["contract"] = listed.Plugin.Contract.Word(),
        ["version"] = listed.Plugin.Version.ToString(),
        ["api_level"] = listed.Plugin.ApiLevel,
        ["path"] = listed.Plugin.AssemblyPath,
        ["belongs_to_program"] = listed.Plugin.BelongsToProgram,
        ["description"] = listed.Plugin.Description,
        ["options"] = new JsonArray([.. listed.Options.Select(option => (JsonNode)new JsonObject
        {
            ["name"] = option.Name,
            ["type"] = option.Type,
            ["default"] = option.Default?.DeepClone(),
            ["takes"] = option.Limits,
            ["required"] = option.IsRequired,
        })]),
        ["not_loaded"] = listed.NotLoaded,
    };

    /// <summary>A folder in which no plugin was found: all that is known is why.</summary>
    private static JsonNode Describe(PluginProblem problem) => new JsonObject { ["name"] = null, ["path"] = problem.Path, ["not_loaded"] = problem.Problem };
}

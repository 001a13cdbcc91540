using System.CommandLine;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
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
        command.SetAction(parsed =>
        {
            var config = configuration.LoadPlugins(parsed);
            var catalog = PluginCatalog.Discover(config);
            var one = parsed.GetValue(name);
            var inspector = new PluginInspector(config);
            var plugins = (one is null ? catalog.Plugins : catalog.Named(one)).Select(plugin => ListedPlugin.Of(plugin, catalog, inspector)).ToList();
            var problems = one is null ? catalog.Problems : [];
            if (parsed.GetValue(json))
                Console.WriteLine(JsonText.Write(new JsonArray([.. plugins.Select(Describe), .. problems.Select(Describe)])));
            else if (one is null)
                PluginTable.Write(plugins, problems);
            else
                plugins.ForEach(PluginDetails.Write);
        });
        return command;
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

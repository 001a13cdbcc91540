using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins</c>: what can be selected, and where it comes from.</summary>
internal static class PluginsCommand
{
    public static Command Create() => new("plugins", "List, add, remove, check and lock plugins.")
    {
        PluginListCommand.Create(),
        PluginInspectingCommand.Create(),
        PluginAddCommand.Create(),
        PluginRemoveCommand.Create(),
        PluginVerifyCommand.Create(),
        PluginVerifyingCommand.Create(),
        PluginLockCommand.Create(),
    };

    /// <summary>A plugin's contract in one word, as it is written everywhere: <c>policy</c>.</summary>
    public static string Word(this PluginContract contract) => contract.ToString().ToLowerInvariant();

    /// <summary>The lines of a configuration that select a plugin.</summary>
    public static string HowToUse(PluginDescriptor plugin)
    {
        var name = JsonText.Write(JsonValue.Create(plugin.Name));
        return plugin.Contract switch
        {
            PluginContract.Policy => $$"""{ "Checkpoints": { "Policies": [ { "Use": {{name}} } ] } }""",
            PluginContract.Metadata => $$"""{ "Checkpoints": { "Metadata": [ { "Use": {{name}} } ] } }""",
            PluginContract.Storage => $$"""{ "Checkpoints": { "Storage": { "Use": {{name}} } } }""",
            PluginContract.Backend => $$"""{ "Models": [ { "Id": "model_0", "Use": {{name}} } ] }""",
            _ => $$"""{ "Environment": { "Use": {{name}} } }""",
        };
    }

    /// <summary>The plugins of a name: there may be one for each contract.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static IReadOnlyList<PluginDescriptor> Named(this PluginCatalog catalog, string name)
    {
        var named = catalog.Plugins.Where(plugin => string.Equals(plugin.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return named.Count > 0 ? named : throw new ConfigurationException($"There is no plugin called '{name}'. {NearestMatch.Suggest(name, catalog.Plugins.Select(plugin => plugin.Name))}");
    }

    /// <summary>Completes an argument with the names of plugins.</summary>
    public static void CompleteFrom(this Argument argument, ConfigurationArguments configuration, Func<PluginDescriptor, bool> isMeant) =>
        argument.CompletionSources.Add(context =>
        {
            try
            {
                return PluginCatalog.Discover(configuration.LoadPlugins(context.ParseResult)).Plugins.Where(isMeant).Select(plugin => new CompletionItem(plugin.Name)).DistinctBy(item => item.Label);
            }
            catch (ConfigurationException)
            {
                return []; // Whoever waits for a completion wants to hear of no failure.
            }
        });
}

using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>A plugin with what there is to know of it.</summary>
/// <param name="Plugin">The plugin.</param>
/// <param name="Options">Its options; none where it is not loaded.</param>
/// <param name="NotLoaded">Why it is not loaded; null when it is.</param>
internal sealed record ListedPlugin(PluginDescriptor Plugin, IReadOnlyList<PluginOption> Options, string? NotLoaded)
{
    public static ListedPlugin Of(PluginDescriptor plugin, PluginCatalog catalog, PluginInspector inspector)
    {
        if (catalog.RefusalOf(plugin) is { } refusal)
            return new(plugin, [], refusal);
        try
        {
            return new(plugin, inspector.OptionsOf(plugin), null);
        }
        catch (ConfigurationException e)
        {
            return new(plugin, [], e.Message);
        }
    }
}

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
    /// <summary>Loads a plugin, into this process, to see its options.</summary>
    public static ListedPlugin Load(PluginDescriptor plugin, PluginInspector inspector)
    {
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

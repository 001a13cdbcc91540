using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>What the plugins of a run remember from one episode to the next, by their place in the configuration.</summary>
internal sealed class PluginMemory(PluginCalls calls)
{
    private readonly List<(string Place, string Who, IStatefulPlugin Plugin)> _plugins = [];

    /// <summary>Adds a plugin if it remembers anything.</summary>
    public void Add<T>(string place, CreatedPlugin<T> plugin)
        where T : class
    {
        if (plugin.Instance is IStatefulPlugin stateful)
            _plugins.Add((place, $"{plugin.Descriptor.Contract.Describe()} '{plugin.Descriptor.Name}'", stateful));
    }

    /// <summary>All of it.</summary>
    public JsonObject Capture() => new(_plugins.Select(entry => KeyValuePair.Create(
        entry.Place, calls.Quick(entry.Who, nameof(IStatefulPlugin.CaptureState), entry.Plugin.CaptureState))));

    /// <summary>Gives plugins back what they remembered; one that was not there then is left as it was created.</summary>
    public void Restore(JsonObject states)
    {
        foreach (var (place, who, plugin) in _plugins)
        {
            if (states.TryGetPropertyValue(place, out var state))
                calls.Quick(who, nameof(IStatefulPlugin.RestoreState), () => plugin.RestoreState(state?.DeepClone()));
        }
    }
}

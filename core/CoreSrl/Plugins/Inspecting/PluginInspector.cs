using System.Reflection;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Plugins.Inspecting;

/// <summary>Loads plugins to see which options they have, and creates none.</summary>
/// <param name="config">Says how long a plugin may take.</param>
public sealed class PluginInspector(MultiModelConfig config)
{
    private readonly PluginLoadContexts _contexts = new();
    private readonly PluginCalls _calls = new(config.Plugins);

    /// <summary>The options of a plugin. A plugin's own code runs as far as its options record needs it.</summary>
    /// <exception cref="ConfigurationException">It cannot be loaded; the message says why.</exception>
    public IReadOnlyList<PluginOption> OptionsOf(PluginDescriptor plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        try
        {
            return _calls.Quick($"plugin '{plugin.Name}'", "its options record", () => Read(plugin));
        }
        catch (PluginHungException e)
        {
            throw new ConfigurationException($"{e.Message}.", e);
        }
        catch (Exception e) when (e is not (ConfigurationException or OutOfMemoryException))
        {
            while (e is TargetInvocationException or TypeInitializationException && e.InnerException is { } inner)
                e = inner;
            throw new ConfigurationException($"plugin '{plugin.Name}' cannot be loaded: {e.Message.TrimEnd('.')} ({e.GetType().Name}).", e);
        }
    }

    private List<PluginOption> Read(PluginDescriptor plugin)
    {
        var shape = PluginShape.Of(plugin, _contexts.Load(plugin));
        List<PluginOption> options = [.. shape.Options is null ? [] : OptionsRecord.Read(shape.Options)];
        if (shape.List is { } list)
            options.Add(new(list, $"list of {plugin.Contract.Describe()} sections", Default: null, "at least 1", IsRequired: true));
        return options;
    }
}

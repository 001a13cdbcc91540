using CoreSrl.Configuration;

namespace CoreSrl.Plugins;

/// <summary>Creates instances of one selected plugin, all with the same options.</summary>
/// <param name="Descriptor">The plugin.</param>
/// <param name="Selection">Where the configuration selects it.</param>
/// <param name="Options">Its options record; null when it has none.</param>
/// <param name="New">Creates one more instance.</param>
/// <typeparam name="T">The contract's interface.</typeparam>
public sealed record PluginFactory<T>(PluginDescriptor Descriptor, PluginSelection Selection, object? Options, Func<T> New)
    where T : class
{
    /// <summary>The key of the list in the plugin's section from which it gets plugins of its own contract; null when it takes none.</summary>
    public string? List { get; init; }

    /// <summary>The plugins of that list; each instance gets instances of its own.</summary>
    public IReadOnlyList<PluginFactory<T>> Members { get; init; } = [];

    /// <summary>Creates one more instance.</summary>
    public CreatedPlugin<T> Create() => new(Descriptor, Selection, Options, New());
}

/// <summary>A plugin that the configuration selected, ready for use.</summary>
/// <param name="Descriptor">The plugin.</param>
/// <param name="Selection">Where the configuration selects it.</param>
/// <param name="Options">Its options record; null when it has none.</param>
/// <param name="Instance">The plugin itself.</param>
/// <typeparam name="T">The contract's interface.</typeparam>
public sealed record CreatedPlugin<T>(PluginDescriptor Descriptor, PluginSelection Selection, object? Options, T Instance)
    where T : class;

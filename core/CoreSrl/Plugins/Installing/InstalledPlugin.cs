namespace CoreSrl.Plugins.Installing;

/// <summary>A plugin's folder that was added to a plugin directory.</summary>
/// <param name="Folder">The folder, in full.</param>
/// <param name="Plugins">The plugins of its assembly.</param>
/// <param name="HasReplaced">Whether it took the place of another version.</param>
public sealed record InstalledPlugin(string Folder, IReadOnlyList<PluginDescriptor> Plugins, bool HasReplaced);

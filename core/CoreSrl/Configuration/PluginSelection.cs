using Microsoft.Extensions.Configuration;

namespace CoreSrl.Configuration;

/// <summary>A plugin that the configuration selects, with the section that holds its options.</summary>
/// <param name="Path">The section's place in the configuration: <c>Models:0</c>.</param>
/// <param name="Use">The plugin's name.</param>
/// <param name="Section">The section; <c>Use</c>, and a model's <c>Id</c>, are not options of the plugin.</param>
public sealed record PluginSelection(string Path, string Use, IConfigurationSection Section);

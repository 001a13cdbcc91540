using System.Text.Json.Nodes;

namespace CoreSrl.Plugins.Inspecting;

/// <summary>One option of a plugin, as a configuration can set it.</summary>
/// <param name="Name">Its key in the plugin's section; <c>Retry:Count</c> for one of a section within.</param>
/// <param name="Type">What it is, for people: <c>whole number</c>.</param>
/// <param name="Default">Its value where the configuration has none; null for none.</param>
/// <param name="Limits">Which values it takes, for people: <c>between 1 and 4096</c>; empty for any.</param>
/// <param name="IsRequired">Whether a configuration must set it.</param>
public sealed record PluginOption(string Name, string Type, JsonNode? Default, string Limits, bool IsRequired);

using Microsoft.Extensions.Configuration;

namespace CoreSrl.Configuration;

/// <summary>A plugin that the configuration selects, with the section that holds its options.</summary>
/// <param name="Path">The section's place in the configuration: <c>Models:0</c>.</param>
/// <param name="Use">The plugin's name.</param>
/// <param name="Section">The section; <c>Use</c>, and a model's <c>Id</c>, are not options of the plugin.</param>
public sealed record PluginSelection(string Path, string Use, IConfigurationSection Section)
{
    /// <summary>Reads which plugin a section selects; reports it to the binder when it selects none.</summary>
    /// <param name="binder">Told what is wrong.</param>
    /// <param name="section">The section.</param>
    /// <param name="fallback">The plugin that a section without <c>Use</c> selects; null when there must be one.</param>
    internal static PluginSelection Read(OptionsBinder binder, IConfigurationSection section, string? fallback = null)
    {
        var use = section["Use"] ?? fallback ?? "";
        if (section.Value is { Length: > 0 } scalar)
            binder.Add(section.Path, $"'{scalar}' stands where a section {{ \"Use\": … }} is expected");
        else if (use.Length == 0)
            binder.Add($"{section.Path}:Use", "a plugin's name is required");
        return new(section.Path, use, section);
    }
}

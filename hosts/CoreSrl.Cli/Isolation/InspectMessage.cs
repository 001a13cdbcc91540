using System.Text.Json;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Cli.Isolation;

/// <summary>What a process says of each plugin that it was to load, in that order, one JSON object a line.</summary>
/// <param name="Options">Its options; none where it could not be loaded.</param>
/// <param name="NotLoaded">Why it could not; null when it could.</param>
internal sealed record InspectMessage(IReadOnlyList<PluginOption> Options, string? NotLoaded)
{
    /// <summary>What tells a plugin from all others.</summary>
    public static string KeyOf(PluginDescriptor plugin) => $"{plugin.Contract} {plugin.TypeName} {plugin.AssemblyPath}";

    /// <summary>The line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this);

    /// <summary>Reads a line.</summary>
    public static InspectMessage FromLine(string line) => JsonSerializer.Deserialize<InspectMessage>(line)!;
}

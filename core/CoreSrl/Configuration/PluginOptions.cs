namespace CoreSrl.Configuration;

/// <summary>The section <c>Plugins</c>.</summary>
public sealed record PluginOptions
{
    /// <summary>Where plugins are looked for beside the folder <c>plugins</c> of the program itself: directories with one folder per
    /// plugin. A relative one is looked for under the current directory, then under the program's folder.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Directories { get; init; } = [];
}

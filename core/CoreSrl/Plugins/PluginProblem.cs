namespace CoreSrl.Plugins;

/// <summary>A folder of a plugin directory in which no plugin can be found, though it looks as if one should be.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Problem">Why not, a sentence without its full stop.</param>
public sealed record PluginProblem(string Path, string Problem);

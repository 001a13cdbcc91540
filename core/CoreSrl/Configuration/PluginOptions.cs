using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Configuration;

/// <summary>The section <c>Plugins</c>.</summary>
public sealed record PluginOptions
{
    /// <summary>Where plugins are looked for beside the folder <c>plugins</c> of the program itself: directories with one folder per
    /// plugin. A relative one is looked for under the current directory, then under the program's folder.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>Whether plugins are loaded also from where others than this user and root may write, and so could put code that this
    /// user then runs. Looked at on Linux and macOS; on Windows nothing is.</summary>
    /// <value>Default false.</value>
    public bool AllowWritableByOthers { get; init; }

    /// <summary>How long a call of a plugin may take that must be quick: creating it, a policy's answer, a contributor's values, the
    /// capture of what a plugin remembers. A plugin that takes longer ends the run, after its last good episode has been saved.</summary>
    /// <value>Default 5 minutes; 1 second to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for a call that does a run's work: creating a model, its answers and one update, an environment's reset and
    /// step.</summary>
    /// <value>Default 1 day; 1 second to 40 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "40.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan WorkTimeLimit { get; init; } = TimeSpan.FromDays(1);
}

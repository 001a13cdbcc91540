using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Useful;

/// <summary>The options of <see cref="ClockContributor"/>.</summary>
public sealed record ClockOptions
{
    /// <summary>Whether the time is recorded as a whole number.</summary>
    public bool WholeSeconds { get; init; }
}

/// <summary>Records what the host's clock says.</summary>
[Plugin("clock")]
public sealed class ClockContributor(ClockOptions options, TimeProvider time) : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        var milliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Dictionary<string, JsonNode?> { ["unix_seconds"] = options.WholeSeconds ? milliseconds / 1000 : milliseconds / 1000.0 };
    }
}

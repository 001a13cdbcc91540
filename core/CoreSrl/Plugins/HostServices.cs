using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Plugins;

/// <summary>What a program may give the engine beside the configuration.</summary>
public sealed record HostServices
{
    /// <summary>Makes loggers for the trainer and the plugins.</summary>
    /// <value>Default: logs nowhere.</value>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Plugin classes of the program itself, selectable by the names in their <c>[Plugin]</c> attributes.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<Type> PluginTypes { get; init; } = [];
}

using System.Net;

namespace CoreSrl.Server;

/// <summary>Where a server listens, and to whom.</summary>
public sealed record ChatServerOptions
{
    /// <summary>The address to listen on.</summary>
    /// <value>Default: loopback, which no other machine reaches.</value>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for one that is free.</summary>
    /// <value>Default 8080.</value>
    public int Port { get; init; } = 8080;

    /// <summary>What clients must show to be answered (<c>Authorization: Bearer KEY</c>).</summary>
    /// <value>Default none: everybody is answered.</value>
    public string? Key { get; init; }

    /// <summary>The most bytes of a request.</summary>
    /// <value>Default 4 MiB.</value>
    public long MaxRequestBytes { get; init; } = 4 << 20;

    /// <summary>How many requests may wait for one model; more are refused until there is room.</summary>
    /// <value>Default 64.</value>
    public int MaxWaiting { get; init; } = 64;

    /// <inheritdoc/>
    public override string ToString() => $"{Address}:{Port}"; // Without the key.
}

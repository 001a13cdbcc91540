namespace CoreSrl.Abstractions;

/// <summary>What a storage can do, as data, for its callers to adapt to.</summary>
public sealed record StorageCapabilities
{
    /// <summary>The largest object, in bytes.</summary>
    public long MaxObjectLength { get; init; } = long.MaxValue;

    /// <summary>The largest object that can be written with a condition, in bytes; some stores honour one on single requests only.</summary>
    public long MaxConditionalLength { get; init; } = long.MaxValue;

    /// <summary>Whether the objects lie on this machine, so that a read costs no network.</summary>
    public bool IsLocal { get; init; }
}

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Into which parts an object is cut, on its way up and down. Sizes in bytes.</summary>
internal static class PartPlan
{
    /// <summary>The largest object that S3 keeps: 5 TiB.</summary>
    public const long MaxObjectLength = 5L << 40;

    /// <summary>The largest object that one request can write: 5 GiB.</summary>
    public const long MaxPutLength = 5L << 30;

    /// <summary>Up to here an object is written, and a range read, by one request.</summary>
    public const int SingleLength = 16 << 20;

    /// <summary>How many parts an upload can have at most.</summary>
    public const int MaxParts = 10_000;

    private const int SmallestPart = 8 << 20;
    private const int Step = 1 << 20;

    /// <summary>The length of each part of an object but its last, in whole MiB: 8 MiB up to 78 GiB, then as much as 10,000 parts
    /// ask for.</summary>
    public static int PartLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxObjectLength);
        var needed = (length + MaxParts - 1) / MaxParts;
        return (int)Math.Max(SmallestPart, (needed + Step - 1) / Step * Step);
    }
}

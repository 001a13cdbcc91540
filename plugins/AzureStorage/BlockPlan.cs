namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Into which blocks an object is cut, on its way up and down. Sizes in bytes.</summary>
internal static class BlockPlan
{
    /// <summary>How many blocks a blob can have.</summary>
    public const int MaxBlocks = 50_000;

    /// <summary>The largest block that is used, of 4000 MiB that are possible: one must fit into an array.</summary>
    public const int MaxBlockLength = 1 << 30;

    /// <summary>The largest object: 48 TiB.</summary>
    public const long MaxObjectLength = (long)MaxBlocks * MaxBlockLength;

    /// <summary>Up to here an object is written, and a range read, by one request.</summary>
    public const int SingleLength = 8 << 20;

    private const int Step = 1 << 20;

    /// <summary>The length of each block of an object but its last, in whole MiB: 8 MiB up to 390 GiB, then as much as 50,000 blocks
    /// ask for.</summary>
    public static int BlockLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxObjectLength);
        var needed = (length + MaxBlocks - 1) / MaxBlocks;
        return (int)Math.Max(SingleLength, (needed + Step - 1) / Step * Step);
    }
}

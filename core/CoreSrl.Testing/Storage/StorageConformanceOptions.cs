namespace CoreSrl.Testing;

/// <summary>How much <see cref="StorageConformance"/> does.</summary>
public sealed record StorageConformanceOptions : ConformanceOptions
{
    /// <summary>Seconds on a storage nearby: objects that go in parts, listings over pages of a thousand.</summary>
    public static StorageConformanceOptions Quick { get; } = new();

    /// <summary>Minutes: objects of more than 5 GiB, listings over pages of five thousand, more rounds of every race.</summary>
    public static StorageConformanceOptions Large { get; } = new()
    {
        LargeLength = (5L << 30) + 1,
        ListedObjects = 10_500,
        Rounds = 60,
        Patience = TimeSpan.FromMinutes(30),
    };

    /// <summary>How many writers race.</summary>
    /// <value>Default 32.</value>
    public int Racers { get; init; } = 32;

    /// <summary>How often each race is run.</summary>
    /// <value>Default 10.</value>
    public int Rounds { get; init; } = 10;

    /// <summary>The size in bytes of a large object: more than goes in one piece. Its bytes are generated, never held.</summary>
    /// <value>Default 40 MiB and a byte.</value>
    public long LargeLength { get; init; } = (40L << 20) + 1;

    /// <summary>How many objects are listed: more than one page of the storage's.</summary>
    /// <value>Default 1,100.</value>
    public int ListedObjects { get; init; } = 1_100;
}

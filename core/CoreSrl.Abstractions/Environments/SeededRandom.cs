namespace CoreSrl.Abstractions;

/// <summary>
/// A small generator of pseudo-random numbers that gives the same sequence for a seed on every machine and in every version of
/// .NET. Not for cryptography.
/// </summary>
/// <remarks>SplitMix64: Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators", OOPSLA, figure 13 with the
/// mixing constants of Stafford's variant 13.</remarks>
public struct SeededRandom
{
    private ulong _state;

    /// <summary>Starts a sequence.</summary>
    public SeededRandom(ulong seed) => _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number at least 0 and below 1, uniform over the multiples of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number at least 0 and below <paramref name="limit"/>, which is above 0.</summary>
    public int NextInt32(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return (int)Math.BigMul(NextUInt64(), (ulong)limit, out _);
    }
}

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace CoreSrl.Training;

/// <summary>
/// Derives the seed of every random draw from the run's seed and the draw's place in the run, so that nothing depends on the order
/// in which things happen and nothing about randomness needs saving.
/// </summary>
internal static class Seeds
{
    /// <summary>A seed for a named purpose at a place in the run.</summary>
    /// <param name="runSeed">The run's seed.</param>
    /// <param name="purpose">What the seed is for: <c>game</c>, <c>act</c>, <c>learn</c>, <c>model</c>.</param>
    /// <param name="name">The model's id; empty where there is none.</param>
    /// <param name="place">Episode, game, step: whatever tells the draw from others of its purpose.</param>
    public static ulong Derive(ulong runSeed, string purpose, string name, params ReadOnlySpan<long> place)
    {
        var hash = new XxHash3((long)runSeed);
        Append(hash, purpose);
        Append(hash, name);
        Span<byte> buffer = stackalloc byte[sizeof(long)];
        foreach (var number in place)
        {
            BinaryPrimitives.WriteInt64LittleEndian(buffer, number);
            hash.Append(buffer);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static void Append(XxHash3 hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.Append(length);
        hash.Append(bytes);
    }
}

using CoreSrl.Formats;

namespace CoreSrl.Tests.Formats;

/// <summary>What a reader may do with bytes that mean harm: read them, or refuse them in its own words, at a bounded price.</summary>
internal static class Hostile
{
    /// <summary>How much a reader may allocate, live or not, for each byte of a pickle: it has objects of one byte, and .NET none
    /// below 24.</summary>
    public const int PerByteOfPickle = 72;

    /// <summary>The same for each byte of JSON: names become texts of two bytes a character, in tables that grow by doubling.</summary>
    public const int PerByteOfJson = 40;

    /// <summary>What it may allocate for any file: an exception with its stack, the first use of a type.</summary>
    private const int Allowance = 512 << 10;

    /// <summary>What was opened; null when it was refused.</summary>
    /// <param name="name">With what the refusal's message must begin.</param>
    /// <param name="length">The size of all that is opened, in bytes.</param>
    /// <param name="perByte">How much may be allocated for each of them, in bytes.</param>
    /// <param name="open">Opens it; its sources complete at once.</param>
    public static T? Open<T>(string name, long length, int perByte, Func<ValueTask<T>> open)
        where T : class
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        T? opened = null;
        try
        {
            var task = open().AsTask();
            Assert.True(task.IsCompleted, "The reader left the thread on which its allocations are counted.");
            opened = task.GetAwaiter().GetResult();
        }
        catch (CheckpointFormatException e)
        {
            Assert.StartsWith(name, e.Message);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            allocated <= Allowance + (perByte * length),
            $"{allocated} bytes were allocated to open {length}: {(double)allocated / length} for each.");
        return opened;
    }
}

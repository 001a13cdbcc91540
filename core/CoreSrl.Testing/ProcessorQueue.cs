using System.Globalization;

namespace CoreSrl.Testing;

/// <summary>How long this thread has waited for a processor, ready to run, since it began.</summary>
internal static class ProcessorQueue
{
    // Time on a processor, time in its queue, both in nanoseconds, and turns. https://docs.kernel.org/scheduler/sched-stats.html
    private const string Statistics = "/proc/thread-self/schedstat";

    /// <summary>Zero where the system does not tell.</summary>
    public static TimeSpan Waited()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText(Statistics).Split(' ') is [_, var waited, ..]
                ? TimeSpan.FromTicks(long.Parse(waited, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
                : TimeSpan.Zero;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero;
        }
    }
}

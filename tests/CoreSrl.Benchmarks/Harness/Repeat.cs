using System.Diagnostics;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>Repeats something short until the time it takes can be trusted.</summary>
internal static class Repeat
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(500);

    /// <summary>How much is done per second.</summary>
    /// <param name="once">Does some of it and says how much.</param>
    public static async Task<double> PerSecondAsync(Func<Task<double>> once)
    {
        var (done, clock) = (0.0, Stopwatch.StartNew());
        do
            done += await once();
        while (clock.Elapsed < LongEnough);
        return done / clock.Elapsed.TotalSeconds;
    }
}

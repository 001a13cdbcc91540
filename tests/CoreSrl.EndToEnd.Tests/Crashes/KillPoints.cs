using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CoreSrl.Killing;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>The kill points of a test: how many, at random from a seed, each tried, all told.</summary>
/// <param name="output">Told of the seed, of each point, and of all.</param>
internal sealed class KillPoints(ITestOutputHelper output)
{
    private readonly ConcurrentBag<CallKind> _met = [];

    /// <summary>From which everything random follows; <c>CORESRL_TEST_SEED</c> repeats a run.</summary>
    public int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;

    /// <summary>The kinds of calls that processes have died at.</summary>
    public IEnumerable<CallKind> Met => _met.Distinct().Order();

    /// <summary>How many points there are: what the environment variable says (the script <c>tests/crash-points</c> asks for more).</summary>
    public static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given) ? given : otherwise;

    /// <summary>Tries all points, as many at a time as there are cores, and tells of all that fail.</summary>
    /// <param name="points">The points.</param>
    /// <param name="tryAsync">Tries one; is given what to tell.</param>
    public async Task ForEachAsync(IReadOnlyList<KillPoint> points, Func<KillPoint, Action<string>, Task> tryAsync)
    {
        output.WriteLine($"CORESRL_TEST_SEED={Seed}");
        var clock = Stopwatch.StartNew();
        var failures = new ConcurrentBag<string>();
        var deaths = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (point, _) =>
        {
            var told = new List<string>();
            try
            {
                await tryAsync(point, told.Add);
            }
            catch (Exception e)
            {
                failures.Add($"{point}: {string.Join("; ", told)}\n{e}");
            }

            foreach (var death in told.Where(text => text.StartsWith("killed ", StringComparison.Ordinal)))
            {
                var kind = StorageCall.KindOfDeath(death)!.Value;
                _met.Add(kind);
                deaths.Add($"{kind} {death.Split(' ')[1].ToLowerInvariant()}");
            }

            output.WriteLine($"{point}: {string.Join("; ", told)}");
        });
        output.WriteLine($"{points.Count} kill points, {deaths.Count} deaths, {failures.Count} failures, {clock.Elapsed.TotalSeconds:F0} s: {string.Join(", ", deaths.CountBy(death => death).OrderBy(death => death.Key, StringComparer.Ordinal).Select(death => $"{death.Key} {death.Value}"))}");
        Assert.True(failures.IsEmpty, $"CORESRL_TEST_SEED={Seed}: {failures.Count} of {points.Count} failed.\n{string.Join("\n\n", failures)}");
    }
}

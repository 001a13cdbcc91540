using System.Collections.Immutable;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>Something to time in each round.</summary>
/// <param name="Names">What its times are called.</param>
/// <param name="RunAsync">Does it once and says how long it took, a time for each name; what is not of the matter is left out.</param>
internal sealed record Probe(ImmutableArray<string> Names, Func<Task<ImmutableArray<TimeSpan>>> RunAsync)
{
    /// <summary>A probe of one time.</summary>
    public static Probe Of(string name, Func<Task<TimeSpan>> run) => new([name], async () => [await run()]);

    /// <summary>A probe of two times.</summary>
    public static Probe Of(string first, string second, Func<Task<(TimeSpan First, TimeSpan Second)>> run) => new([first, second], async () =>
    {
        var times = await run();
        return [times.First, times.Second];
    });

    /// <summary>A probe of one time, of work that waits for nothing.</summary>
    public static Probe Of(string name, Func<TimeSpan> run) => new([name], () => Task.FromResult<ImmutableArray<TimeSpan>>([run()]));
}

/// <summary>Measures by turns, so that what drifts on a machine meets all alike.</summary>
internal static class Interleaved
{
    /// <summary>Runs every probe once per round, beginning with another one each time. The first round warms up and is dropped.</summary>
    /// <returns>Milliseconds, in the order of the probes and of their names.</returns>
    public static async Task<IReadOnlyList<Measurement>> TakeAsync(IReadOnlyList<Probe> probes, int rounds, Action<string> progress)
    {
        var times = probes.SelectMany(probe => probe.Names).ToDictionary(name => name, _ => ImmutableArray.CreateBuilder<double>(rounds));
        for (var round = 0; round <= rounds; round++)
        {
            progress(round == 0 ? "warm-up" : $"round {round} of {rounds}");
            for (var turn = 0; turn < probes.Count; turn++)
            {
                var probe = probes[(round + turn) % probes.Count];
                GC.Collect(); // Nobody pays for another's garbage.
                var taken = await probe.RunAsync();
                foreach (var (name, time) in round == 0 ? [] : probe.Names.Zip(taken))
                    times[name].Add(time.TotalMilliseconds);
            }
        }

        return [.. times.Select(measured => new Measurement(measured.Key, "ms", measured.Value.ToImmutable()))];
    }
}

using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Policies;

namespace CoreSrl.Testing.Tests;

/// <summary>The rules that ask how long something takes.</summary>
public sealed class QuickTests
{
    [Fact]
    public async Task The_author_says_how_long_a_call_may_take()
    {
        Func<ICheckpointPolicy> create = () => new SlowPolicy(() => Thread.Sleep(20));
        await new PolicyConformance(create).CheckAsync("deciding-is-quick");
        var error = await Assert.ThrowsAsync<ConformanceException>(
            () => new PolicyConformance(create, new() { QuickLimit = TimeSpan.FromMilliseconds(10) }).CheckAsync("deciding-is-quick"));
        Assert.Contains("expected a decision with 10,000 checkpoints within 10 ms (QuickLimit); the fastest of 10 took ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_waits_for_a_processor_is_not_slow()
    {
        if (!OperatingSystem.IsLinux())
            return; // Only Linux tells how long a thread waited.
        var rounds = RoundsOf(TimeSpan.FromMilliseconds(30));
        var over = false;
        var others = Enumerable.Range(0, 8 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref over))
                Work(1_000);
        })).ToList();
        others.ForEach(other => other.Start());
        try
        {
            var fastest = TimeSpan.MaxValue;
            var kit = new PolicyConformance(() => new SlowPolicy(() =>
            {
                var began = Stopwatch.GetTimestamp();
                Work(rounds);
                fastest = TimeSpan.FromTicks(Math.Min(fastest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            }));
            await kit.CheckAsync("deciding-is-quick");
            Assert.True(fastest > TimeSpan.FromMilliseconds(100), $"The machine was not busy enough to show anything: a call took {fastest.TotalMilliseconds:F0} ms.");
        }
        finally
        {
            Volatile.Write(ref over, true);
            others.ForEach(other => other.Join());
        }
    }

    /// <summary>How much work takes so long when nobody disturbs it: short pieces tell, of which some always run through.</summary>
    private static int RoundsOf(TimeSpan time)
    {
        const int Piece = 100_000;
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 100; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Work(Piece);
            fastest = TimeSpan.FromTicks(Math.Min(fastest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }

        return (int)(Piece * (time / fastest));
    }

    private static void Work(int rounds)
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < rounds; i++)
            random.NextUInt64();
    }

    private sealed class SlowPolicy(Action work) : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            work();
            return base.Decide(progress, saved);
        }
    }
}

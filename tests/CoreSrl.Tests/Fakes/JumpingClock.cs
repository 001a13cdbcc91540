using System.Collections.Concurrent;

namespace CoreSrl.Tests.Fakes;

/// <summary>A clock that jumps to whatever somebody waits for: the wait ends at once and is written down. What recurs does so when the
/// test says; a deadline, which nobody waits for, is over when the clock has come there otherwise.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = [];
    private readonly ConcurrentDictionary<JumpingTimer, TimerCallback> _recurring = [];
    private readonly ConcurrentDictionary<JumpingTimer, long> _deadlines = [];
    private long _ticks = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000).UtcTicks;

    public DateTimeOffset Now => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>How long somebody waited, each time.</summary>
    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time)
    {
        var now = Interlocked.Add(ref _ticks, time.Ticks);
        foreach (var (timer, due) in _deadlines)
        {
            if (due <= now && _deadlines.TryRemove(timer, out _))
                timer.Ring();
        }
    }

    /// <summary>Advances to the next deadline, if there is one.</summary>
    public void AdvanceToDeadline()
    {
        if (_deadlines.Values.DefaultIfEmpty(0).Min() - Interlocked.Read(ref _ticks) is > 0 and var left)
            Advance(new(left));
    }

    /// <summary>Calls once whatever recurs, and passes no time.</summary>
    public void Recur()
    {
        foreach (var (_, callback) in _recurring)
            callback(null);
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new JumpingTimer(this, () => callback(state), isDeadline: state is CancellationTokenSource);
        if (period > TimeSpan.Zero)
            _recurring[timer] = _ => callback(state);
        else
            timer.Change(dueTime, period);
        return timer;
    }

    private sealed class JumpingTimer(JumpingClock clock, Action callback, bool isDeadline) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero)
                return true;
            if (isDeadline)
            {
                clock._deadlines[this] = (clock.Now + dueTime).UtcTicks;
                return true;
            }

            clock._waits.Enqueue(dueTime);
            clock.Advance(dueTime);
            return Ring();
        }

        public bool Ring() => ThreadPool.QueueUserWorkItem(_ => callback());

        public void Dispose()
        {
            clock._recurring.TryRemove(this, out _);
            clock._deadlines.TryRemove(this, out _);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

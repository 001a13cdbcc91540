namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>The most memory that the process has held (resident set size) while this was there, looked at every millisecond.</summary>
internal sealed class MemoryPeak : IDisposable
{
    private readonly ManualResetEventSlim _done = new();
    private readonly Thread _thread;
    private readonly long _before;
    private long _peak;

    public MemoryPeak()
    {
        GC.Collect();
        _before = _peak = Environment.WorkingSet;
        _thread = new(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many bytes more than in the beginning.</summary>
    public long Extra
    {
        get
        {
            Look();
            return Interlocked.Read(ref _peak) - _before;
        }
    }

    public void Dispose()
    {
        _done.Set();
        _thread.Join();
        _done.Dispose();
    }

    private void Watch()
    {
        while (!_done.Wait(TimeSpan.FromMilliseconds(1)))
            Look();
    }

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (var peak = Interlocked.Read(ref _peak); now > peak;)
            peak = Interlocked.CompareExchange(ref _peak, now, peak) is var seen && seen == peak ? now : seen;
    }
}

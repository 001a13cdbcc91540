namespace CoreSrl.Plugins.Shared;

/// <summary>Cancels a request when nothing has moved for a time; a long one that moves goes on.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _limit;

    public Patience(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _idle = new(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _idle.Token);
    }

    /// <summary>Cancelled by the caller, or for want of movement.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether it was want of movement.</summary>
    public bool IsOver => _idle.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something has moved.</summary>
    public void Moved()
    {
        try
        {
            _idle.CancelAfter(_limit);
        }
        catch (ObjectDisposedException)
        {
            // A request that has failed is still being sent somewhere.
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
    }
}

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Cancels a request when nothing has moved for a time; a long one that moves goes on.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _limit;

    public Patience(TimeSpan limit, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _source.CancelAfter(limit);
    }

    /// <summary>Cancelled by the caller, or for want of movement.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was want of movement.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something has moved.</summary>
    public void Moved()
    {
        try
        {
            _source.CancelAfter(_limit);
        }
        catch (ObjectDisposedException)
        {
            // A request that has failed is still being sent somewhere.
        }
    }

    public void Dispose() => _source.Dispose();
}

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>Spaces requests evenly, so that no more of them, and of their tokens, go out than a minute may have.</summary>
/// <param name="requestsPerMinute">The most requests; null for any number.</param>
/// <param name="tokensPerMinute">The most tokens; null for any number.</param>
/// <param name="time">The clock.</param>
internal sealed class Pace(int? requestsPerMinute, int? tokensPerMinute, TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _next;

    /// <summary>Waits until a request may go out.</summary>
    /// <param name="tokens">How many tokens it may take.</param>
    /// <param name="cancellationToken">Ends the wait; the request counts all the same.</param>
    public async Task WaitAsync(long tokens, CancellationToken cancellationToken)
    {
        if (requestsPerMinute is null && tokensPerMinute is null)
            return;
        var wait = Reserve(tokens);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives back what a request did not take of what it waited for.</summary>
    public void Settle(long reserved, long taken)
    {
        lock (_gate)
            _next -= Share(reserved) - Share(Math.Min(reserved, taken));
    }

    private TimeSpan Reserve(long tokens)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var start = _next > now ? _next : now;
            _next = start + Share(tokens);
            return start - now;
        }
    }

    /// <summary>For how long nothing may follow a request of so many tokens.</summary>
    private TimeSpan Share(long tokens) =>
        TimeSpan.FromMinutes(Math.Max(1.0 / (requestsPerMinute ?? double.PositiveInfinity), tokens / (tokensPerMinute ?? double.PositiveInfinity)));
}

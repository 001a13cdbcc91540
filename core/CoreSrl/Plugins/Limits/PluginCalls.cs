using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Limits;

/// <summary>
/// Calls plugins on another thread and waits for an answer only as long as the configuration allows, so that one that hangs ends
/// neither the training thread nor the run with it: what was reached can still be saved.
/// </summary>
internal sealed class PluginCalls(PluginOptions options)
{
    /// <summary>How long work that does not heed a cancellation is waited for. Whoever stops a process kills it some time later.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private volatile PluginHungException? _hung;

    /// <summary>Cancelled when the run is to stop: from then on nothing is waited for longer than a grace.</summary>
    public CancellationToken Stopping { get; set; }

    /// <summary>Whether a call was given up that may still be going on.</summary>
    public bool HasAbandoned { get; private set; }

    /// <summary>The same for a call of a model, whose tensors must then be left alone.</summary>
    public bool HasAbandonedModel { get; private set; }

    /// <summary>Ends the run if a plugin hangs.</summary>
    /// <exception cref="PluginHungException">One does.</exception>
    public void ThrowIfHung()
    {
        if (_hung is { } hung)
            throw hung;
    }

    /// <summary>A call that must be quick.</summary>
    /// <param name="plugin">Who is called, for messages: <c>policy 'best'</c>.</param>
    /// <param name="call">What is called, for messages.</param>
    /// <param name="function">The call.</param>
    /// <exception cref="PluginHungException">It is not.</exception>
    public T Quick<T>(string plugin, string call, Func<T> function)
    {
        var running = Task.Run(function);
        using var patience = new CancellationTokenSource();
        using var registration = Limit(patience, Stopping);
        bool isOver;
        try
        {
            isOver = Task.WaitAny([running], (int)options.TimeLimit.TotalMilliseconds, patience.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            isOver = running.IsCompleted;
        }

        if (isOver)
            return running.GetAwaiter().GetResult();
        throw Abandon(patience.IsCancellationRequested
            ? new PluginHungException(plugin, call, Grace)
            : new PluginHungException(plugin, call, options.TimeLimit, nameof(options.TimeLimit)));
    }

    /// <summary>The same for a call that answers nothing.</summary>
    public void Quick(string plugin, string call, Action action) => Quick<object?>(plugin, call, () =>
    {
        action();
        return null;
    });

    /// <summary>A call that does work: it may take long, and be cancelled.</summary>
    /// <param name="plugin">Who is called, for messages: <c>environment 'chess'</c>.</param>
    /// <param name="call">What is called, for messages.</param>
    /// <param name="function">The call.</param>
    /// <param name="cancellationToken">The one that the plugin was given; a plugin that does not heed it is left behind.</param>
    /// <param name="isModel">Whether a model is called.</param>
    /// <exception cref="PluginHungException">It takes longer than is allowed.</exception>
    public async Task<T> WorkAsync<T>(string plugin, string call, Func<ValueTask<T>> function, CancellationToken cancellationToken, bool isModel = false)
    {
        var running = Task.Run(() => function().AsTask(), CancellationToken.None);
        using var patience = new CancellationTokenSource();
        using var registration = Limit(patience, cancellationToken);
        await ((Task)running).WaitAsync(options.WorkTimeLimit, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompleted)
            return await running.ConfigureAwait(false);
        HasAbandonedModel |= isModel;
        if (!patience.IsCancellationRequested)
            throw Abandon(new PluginHungException(plugin, call, options.WorkTimeLimit, nameof(options.WorkTimeLimit)));
        HasAbandoned = true;
        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>A farewell that must be quick; nothing more is asked of the plugin in any case.</summary>
    /// <exception cref="TimeoutException">It is not.</exception>
    public Task WaitAsync(Func<ValueTask> farewell) => Task.Run(() => farewell().AsTask()).WaitAsync(options.TimeLimit);

    /// <summary>Lets patience end some time after a cancellation.</summary>
    private static CancellationTokenRegistration Limit(CancellationTokenSource patience, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(state => ((CancellationTokenSource)state!).CancelAfter(Grace), patience);

    private PluginHungException Abandon(PluginHungException hung)
    {
        HasAbandoned = true;
        return _hung = hung;
    }
}

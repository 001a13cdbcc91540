using System.Runtime.ExceptionServices;
using CoreSrl.Abstractions;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Tiers;

/// <summary>
/// Work that is done behind training whenever there is something to do. What fails for a reason that may pass is tried again for as
/// long as the process lives; anything else ends it, and is told.
/// </summary>
internal sealed class BackgroundUpload : IAsyncDisposable
{
    /// <summary>After a failure that has been waited for already, as long as the storage's own patience goes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Func<CancellationToken, Task> _work;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _stopped;
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<TaskCompletionSource> _waiting = [];
    private Task _loop = Task.CompletedTask;
    private bool _started;
    private Exception? _failure;

    /// <param name="work">Does all that there is to do.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what is tried again.</param>
    public BackgroundUpload(Func<CancellationToken, Task> work, TimeProvider time, ILogger logger)
    {
        _work = work;
        _time = time;
        _logger = logger;
        _stopped = Task.Delay(Timeout.Infinite, _stop.Token);
    }

    /// <summary>Whether anything was ever to be done.</summary>
    public bool IsStarted
    {
        get
        {
            lock (_gate)
                return _started;
        }
    }

    /// <summary>There is something to do, or there may be; does not wait.</summary>
    public void Signal()
    {
        lock (_gate)
            SignalUnderGate();
    }

    /// <summary>Waits until all is done that there is to do at this moment.</summary>
    /// <exception cref="StorageException">It fails; what can be tried again is, behind.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(CheckpointManager));
            _failure = null; // It is told again, if it is still there.
            _waiting.Add(done);
            SignalUnderGate();
        }

        try
        {
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
                _waiting.Remove(done); // Nobody is told there any more.
            throw;
        }
    }

    /// <summary>Throws what ended the work, if anything did; told once.</summary>
    public void ThrowIfFailed()
    {
        Exception? failure;
        lock (_gate)
            (failure, _failure) = (_failure, null);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Stops, in the middle of what is being done.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task loop;
        lock (_gate)
            loop = _loop;
        await loop.ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var one in _waiting) // Who came too late for the last round.
                one.TrySetException(new ObjectDisposedException(nameof(CheckpointManager)));
        }

        _stop.Dispose();
    }

    private void SignalUnderGate()
    {
        _started = true;
        _signal.TrySetResult();
        if (_loop.IsCompleted && _failure is null && !_stop.IsCancellationRequested)
            _loop = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (TryTake() is { } waiting)
        {
            Exception? failure = null;
            try
            {
                await _work(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failure = e;
            }

            var isOver = _stop.IsCancellationRequested;
            if (failure is not (null or StorageException { Kind: StorageErrorKind.Transient }) && !isOver)
            {
                lock (_gate)
                {
                    isOver = true;
                    // Whoever waits is told here; otherwise the next one to ask is.
                    _failure = waiting.Count + _waiting.Count == 0 ? failure : null;
                    waiting.AddRange(_waiting);
                    _waiting = [];
                    _loop = Task.CompletedTask;
                }
            }

            foreach (var one in waiting)
            {
                if (failure is null)
                    one.TrySetResult();
                else
                    one.TrySetException(failure);
                _ = one.Task.Exception; // Whoever gave up waiting does not look.
            }

            if (isOver)
                return;
            if (failure is not null)
            {
                _logger.LogWarning("{Message} It is tried again in {Seconds} s.", failure.Message, Pause.TotalSeconds);
                await ((Task)NextAsync()).WaitAsync(Pause, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                await NextAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Who waits for what is done next; null when it is over.</summary>
    private List<TaskCompletionSource>? TryTake()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return null;
            if (_signal.Task.IsCompleted)
                _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var waiting = _waiting;
            _waiting = [];
            return waiting;
        }
    }

    /// <summary>Waits until there is something to do, or nothing any more.</summary>
    private Task<Task> NextAsync()
    {
        lock (_gate)
            return Task.WhenAny(_signal.Task, _stopped);
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// Another storage, whose transient failures are tried again, at growing intervals, until a time since the first of them is up, and
/// whose every other failure is told as the contract wants it.
/// </summary>
internal sealed class RetryingStorage : ICheckpointStorage
{
    /// <summary>Beyond this, a write whose outcome is unknown is not compared with what is there.</summary>
    private const int ComparableLength = 16 << 20;

    /// <summary>Enough for a call that was unlucky, too little to wait for a server.</summary>
    private static readonly TimeSpan Hurry = TimeSpan.FromSeconds(10);

    private static readonly ResiliencePropertyKey<long> Began = new("began");
    private static readonly ResiliencePropertyKey<long?> FirstFailed = new("first failed");

    private readonly ICheckpointStorage _inner;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _pipeline;
    private volatile bool _isPatient = true;

    /// <param name="inner">The storage.</param>
    /// <param name="patience">For how long a call is tried again.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of each retry.</param>
    public RetryingStorage(ICheckpointStorage inner, TimeSpan patience, TimeProvider time, ILogger logger)
    {
        _inner = inner;
        _time = time;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(10),
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is StorageException { Kind: StorageErrorKind.Transient }
                    && time.GetElapsedTime(FirstFailure(attempt.Context)) < patience
                    && (_isPatient || time.GetElapsedTime(attempt.Context.Properties.GetValue(Began, 0)) < Hurry)),
                OnRetry = retry =>
                {
                    // Not the exception itself: a storage's message is free of secrets, what caused it may not be.
                    logger.LogWarning("{Location}: {Message}. Trying again in {Seconds:F1} s.", inner.Location, retry.Outcome.Exception!.Message.TrimEnd('.'), retry.RetryDelay.TotalSeconds);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Whether a call is tried again for as long as patience says, rather than for a few seconds since it began; those under way
    /// at the moment, too.</summary>
    public bool IsPatient
    {
        get => _isPatient;
        set => _isPatient = value;
    }

    /// <inheritdoc/>
    public string Location => _inner.Location;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities => _inner.Capabilities;

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(key, (_, token) => _inner.StatAsync(key, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await RetryAsync(
            key,
            async (_, token) =>
            {
                await _inner.ReadAsync(key, offset, destination, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(key, (_, token) => _inner.ReadAllAsync(key, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        RetryAsync(
            key,
            async (_, token) =>
            {
                try
                {
                    return await _inner.WriteAsync(key, content, condition, token).ConfigureAwait(false);
                }
                catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed && content.Length <= ComparableLength)
                {
                    // An attempt before, of this class or inside the storage, may have succeeded though its answer did not reach us.
                    var found = await _inner.ReadAllAsync(key, token).ConfigureAwait(false);
                    if (found is null || !found.Content.Span.SequenceEqual(content.ToArray()))
                        throw;
                    return found.Info;
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        RetryAsync(key, (_, token) => _inner.WriteFromAsync(key, content, condition, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken) =>
        await RetryAsync(
            key,
            async (_, token) =>
            {
                await _inner.DeleteAsync(key, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        ListAsync(() => _inner.ListAsync(prefix, cancellationToken), prefix, info => info.Key, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        ListAsync(() => _inner.ListFoldersAsync(prefix, cancellationToken), prefix, name => name + "/", cancellationToken);

    /// <summary>Tries again from the start, and passes over what was listed already.</summary>
    private async IAsyncEnumerable<T> ListAsync<T>(
        Func<IAsyncEnumerable<T>> list, string prefix, Func<T, string> place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        IAsyncEnumerator<T>? enumerator = null;
        try
        {
            while (await RetryAsync(prefix, NextAsync, cancellationToken).ConfigureAwait(false))
            {
                last = place(enumerator!.Current);
                yield return enumerator.Current;
            }
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }

        async ValueTask<bool> NextAsync(int attempt, CancellationToken token)
        {
            if (attempt > 0)
                await EndAsync().ConfigureAwait(false);
            enumerator ??= list().GetAsyncEnumerator(token);
            do
            {
                if (!await enumerator.MoveNextAsync().ConfigureAwait(false))
                    return false;
            }
            while (last is not null && string.CompareOrdinal(place(enumerator.Current), last) <= 0);
            return true;
        }

        ValueTask EndAsync()
        {
            var ended = enumerator;
            enumerator = null;
            return ended?.DisposeAsync() ?? ValueTask.CompletedTask;
        }
    }

    private async ValueTask<T> RetryAsync<T>(string key, Func<int, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Began, _time.GetTimestamp());
        var attempt = 0;
        try
        {
            return await _pipeline.ExecuteAsync(async inside => await call(attempt++, inside.CancellationToken).ConfigureAwait(false), context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (StorageException or OutOfMemoryException) && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // A cancellation that nobody asked for is some client's own timeout.
            throw new StorageException(StorageErrorKind.Permanent, key, e.Message, e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>When the call failed for the first time; a long write that fails at its end has its time before it.</summary>
    private long FirstFailure(ResilienceContext context)
    {
        if (context.Properties.GetValue(FirstFailed, null) is { } known)
            return known;
        var now = _time.GetTimestamp();
        context.Properties.Set(FirstFailed, now);
        return now;
    }
}

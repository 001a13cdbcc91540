using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Configuration;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// What this process changes in a directory that it has claimed: it saves in the background, in the order in which saves began, and
/// removes; one of them at a time.
/// </summary>
/// <param name="storage">Where the checkpoints lie.</param>
/// <param name="claim">The right to write there.</param>
/// <param name="catalog">What is there.</param>
/// <param name="beside">What another directory of the same checkpoints holds; null where there is none.</param>
/// <param name="writer">Writes a checkpoint.</param>
/// <param name="retention">What goes once a new one is durable.</param>
/// <param name="options">How they are named, and what happens when one is due too early.</param>
/// <param name="time">The clock that they are named by.</param>
/// <param name="logger">Told of what goes wrong without stopping anything.</param>
internal sealed class DirectoryChanges(
    ICheckpointStorage storage, DirectoryClaim claim, CheckpointCatalog catalog, CheckpointCatalog? beside, CheckpointWriter writer, Retention retention,
    CheckpointManagerOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CheckpointNameTemplate _naming = new(options.Name);
    private readonly SaveQueue _queue = new(options.MaxQueuedBytes, options.RetryFor, time);
    private readonly SemaphoreSlim _changing = new(1);
    private readonly List<long> _skipped = [];

    /// <summary>Saves that failed, each with the checkpoint before it. What is there of one may yet turn out to be a checkpoint, so no
    /// other gets its name.</summary>
    private readonly ConcurrentDictionary<string, string?> _failed = new(StringComparer.Ordinal);

    private DateTimeOffset _newest;

    /// <summary>The right to write there.</summary>
    public DirectoryClaim Claim => claim;

    /// <summary>The checkpoints under way, newest first, as if they were saved already.</summary>
    public IReadOnlyList<SavedCheckpoint> UnderWay => _queue.UnderWay;

    /// <summary>Told of each checkpoint once it is durable; on a background thread.</summary>
    public event Action<SavedCheckpoint>? Saved;

    /// <summary>
    /// Makes room for a save: waits until those under way leave enough memory; or, where the options say so and it is not urgent,
    /// records that this one is skipped. The failure of one before, if nobody was told of it, is thrown here.
    /// </summary>
    /// <returns>Whether a save can begin.</returns>
    /// <exception cref="StorageException">A save before failed; told once.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    public async Task<bool> MakeRoomAsync(long episode, bool urgent)
    {
        ThrowFailure();
        if (!_queue.HasRoom && !urgent && options.WhenBusy == WhenBusy.Skip)
        {
            lock (_skipped)
                _skipped.Add(episode);
            logger.LogWarning("The checkpoint of episode {Episode} was skipped: the one before is still being written (Checkpoints:WhenBusy is skip).", episode);
            return false;
        }

        while (!_queue.HasRoom)
            await _queue.WaitForOldestAsync().ConfigureAwait(false);
        ThrowFailure();
        return true;
    }

    /// <summary>Begins to save; call when there is room. The content's snapshot is released when it is written.</summary>
    /// <returns>The id, and a task that completes when the checkpoint is durable.</returns>
    public (string Id, Task<SavedCheckpoint> Durable) Begin(CheckpointContent content)
    {
        var (id, timestamp) = NextName(content);
        var checkpoint = new SavedCheckpoint
        {
            Id = id,
            RunId = content.RunId,
            Episode = content.Episode,
            Timestamp = timestamp,
            Final = content.Final,
            EnvironmentSteps = content.EnvironmentSteps,
            Elapsed = content.Elapsed,
            HeldUp = content.HeldUp,
            Tags = content.Tags,
            Metrics = content.Metrics,
        };
        long[] skipped;
        lock (_skipped)
        {
            skipped = [.. _skipped]; // Here: what is skipped from now on is skipped because of this one.
            _skipped.Clear();
        }

        return (id, _queue.Add(
            checkpoint,
            content.Snapshot.Length,
            outage => SaveAsync(id, timestamp, content, skipped, outage),
            () => PruneAfterAsync(id, content.RunId)));
    }

    /// <summary>Waits until nothing is being saved or removed.</summary>
    /// <exception cref="StorageException">The last save failed; told once.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    public async Task FlushAsync()
    {
        await _queue.WaitAsync().ConfigureAwait(false);
        ThrowFailure();
    }

    /// <summary>Whoever awaited a save has been told of its failure: it is not told again.</summary>
    public void Told(string id) => _queue.Told(id);

    /// <summary>Waits until nothing is being saved or removed; a failure is left for the next save to tell.</summary>
    public Task WaitAsync() => _queue.WaitAsync();

    /// <summary>Throws what a save that has ended failed with, or that the directory was lost, if that was noticed since; does not
    /// wait.</summary>
    public void SurfaceFailure()
    {
        ThrowFailure();
        if (claim.Lost is { } lost)
            throw lost;
    }

    /// <summary>Removes the checkpoints of a run that a retention does not keep; while one is being written, when it is.</summary>
    /// <returns>Their ids.</returns>
    public async Task<IReadOnlyList<string>> PruneAsync(Retention keeping, string runId, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await keeping.ApplyAsync(runId, catalog, claim, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Removes checkpoints; while one is being written, when it is.</summary>
    public async Task RemoveAsync(Retention keeping, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await keeping.RemoveAsync(ids, catalog, claim, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Gives the directory free; call when nothing is being saved.</summary>
    public ValueTask DisposeAsync() => claim.DisposeAsync();

    /// <summary>Throws what the first save failed with of which nobody was told; what came of it for those behind it is logged.</summary>
    private void ThrowFailure()
    {
        if (_queue.TakeFailures() is not [var first, .. var others])
            return;
        foreach (var (id, failure) in others)
            logger.LogError(failure, "Checkpoint '{Checkpoint}' could not be saved either: {Message}", id, failure.Message);
        ExceptionDispatchInfo.Throw(first.Failure);
    }

    private async Task<SavedCheckpoint> SaveAsync(string id, DateTimeOffset timestamp, CheckpointContent content, long[] skipped, StorageException? outage)
    {
        var facts = await WriteAsync(id, timestamp, content, skipped, outage).ConfigureAwait(false);
        try
        {
            Saved?.Invoke(facts.Saved);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogWarning(e, "Who was told that checkpoint '{Checkpoint}' is saved failed: {Message}", id, e.Message);
        }

        return facts.Saved;
    }

    /// <summary>Removes what no policy keeps once a checkpoint is durable; whoever waits for that does not wait for this.</summary>
    private async Task PruneAfterAsync(string id, string runId)
    {
        try
        {
            await PruneAsync(retention, runId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What could not be removed now is removed after a later save.
            logger.LogWarning(e, "Checkpoint '{Checkpoint}' is saved, but removing older ones failed: {Message}", id, e.Message);
        }
    }

    private async Task<CheckpointFacts> WriteAsync(string id, DateTimeOffset timestamp, CheckpointContent content, long[] skipped, StorageException? outage)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            using (content.Snapshot)
            {
                content = content with { Parent = ParentOf(content) };
                if (outage is not null)
                    throw new StorageException(outage.Kind, outage.Key, outage.Message, outage);
                var facts = await writer.WriteAsync(id, timestamp, content, skipped, claim, CancellationToken.None).ConfigureAwait(false);
                catalog.Add(facts);
                return facts;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _failed[id] = content.Parent;
            lock (_skipped)
                _skipped.InsertRange(0, skipped); // For the next one to say.
            if (e is not StorageException { Kind: StorageErrorKind.Transient }) // Then nothing could be removed now either.
                await CleanUpAsync(id).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The checkpoint that a save comes after: one that failed meanwhile is nobody's parent.</summary>
    private string? ParentOf(CheckpointContent content)
    {
        var parent = content.Parent;
        while (parent is not null && _failed.TryGetValue(parent, out var before))
            parent = before;
        return parent;
    }

    /// <summary>Removes what a failed save has written; what cannot be removed stays announced.</summary>
    private async Task CleanUpAsync(string id)
    {
        try
        {
            if (!claim.Pending.Contains(id))
                return; // Nothing was written; and once the directory is lost, its new holder may be writing a checkpoint of that name.

            // Whether the metadata got there is the one thing that a failure may leave open. It may also be one that forestalled this save.
            var metadata = await storage.ReadAllAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), CancellationToken.None).ConfigureAwait(false);
            if (metadata is null ? await IsAnothersAsync().ConfigureAwait(false) : !CheckpointFacts.IsVoid(metadata.Content.Span))
                return;
            await LeftoverSweep.DeleteDataAsync(storage, id, CancellationToken.None).ConfigureAwait(false);
            await claim.SettleAsync([id]).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogWarning(e, "What was written of checkpoint '{Checkpoint}' could not be removed: {Message}", id, e.Message);
        }
    }

    /// <summary>Whether the directory was lost to somebody, and not only emptied.</summary>
    private async Task<bool> IsAnothersAsync() =>
        claim.Lost is not null && await storage.StatAsync(CheckpointLayout.Claim, CancellationToken.None).ConfigureAwait(false) is not null;

    /// <summary>
    /// The clock may stand still or be set back; the order of checkpoints must not. A name counts seconds: one that is taken is
    /// left to its checkpoint, whose files the new one would overwrite.
    /// </summary>
    private (string Id, DateTimeOffset Timestamp) NextName(CheckpointContent content)
    {
        _newest = Later(Later(_newest, catalog), beside);
        var now = time.GetUtcNow();
        _newest = now > _newest ? now : _newest.AddTicks(1);
        var id = _naming.Format(content.RunName, content.Episode, _newest, content.Final, content.Metrics);
        while (catalog.IsTaken(id) || beside?.IsTaken(id) is true || _failed.ContainsKey(id) || _queue.Contains(id))
        {
            _newest = _newest.AddSeconds(1);
            id = _naming.Format(content.RunName, content.Episode, _newest, content.Final, content.Metrics);
        }

        return (id, _newest);
    }

    private static DateTimeOffset Later(DateTimeOffset time, CheckpointCatalog? catalog) =>
        catalog?.Saved is [var newest, ..] && newest.Timestamp > time ? newest.Timestamp : time;
}

using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// The saves of a directory that are under way: one is written at a time, the others wait for their turn in the order in which they
/// began. So a storage that does not answer for a while holds nobody up, as long as there is memory for what waits; and one that is
/// slower than the saves, for good, lets training get ahead of what is durable only so far.
/// </summary>
/// <param name="limit">How many bytes of snapshots may wait beside the one that is being written; 0 for none.</param>
/// <param name="patience">How long the oldest may have been under way for another to wait behind it.</param>
/// <param name="time">The clock for that.</param>
internal sealed class SaveQueue(long limit, TimeSpan patience, TimeProvider time)
{
    /// <summary>How many saves may wait, however small their snapshots: each has documents besides, which nobody counts.</summary>
    public const int MaxWaiting = 1000;

    private readonly Lock _gate = new();

    /// <summary>Those that have not ended, and those that failed and of which nobody was told; oldest first.</summary>
    private readonly List<Entry> _entries = [];

    private Task _last = Task.CompletedTask;

    private sealed record Entry(SavedCheckpoint Checkpoint, long Bytes, long Began, Task<SavedCheckpoint> Durable, Task Done);

    /// <summary>Whether one more save, as large as those before, can begin without waiting.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                var waiting = _entries.Where(entry => !entry.Done.IsCompleted).ToList();
                return waiting.Count == 0 || (limit > 0 && waiting.Count <= MaxWaiting && waiting.Sum(entry => entry.Bytes) <= limit && time.GetElapsedTime(waiting[0].Began) <= patience);
            }
        }
    }

    /// <summary>The checkpoints under way, newest first, as if they were saved already.</summary>
    public IReadOnlyList<SavedCheckpoint> UnderWay
    {
        get
        {
            lock (_gate)
                return [.. _entries.Where(entry => !entry.Done.IsCompleted && !entry.Durable.IsFaulted).Select(entry => entry.Checkpoint).Reverse()];
        }
    }

    /// <summary>Whether a checkpoint of that id is under way.</summary>
    public bool Contains(string id)
    {
        lock (_gate)
            return _entries.Any(entry => entry.Checkpoint.Id == id);
    }

    /// <summary>Begins a save: it is written when those before it have ended. What waits behind one that gave up on a storage that did
    /// not answer gives up with it, rather than wait as long again, each in turn.</summary>
    /// <param name="checkpoint">What will be saved.</param>
    /// <param name="bytes">The memory that its snapshot takes.</param>
    /// <param name="write">Writes it; or, told what the one before it gave up on, gives up too.</param>
    /// <param name="after">What is to do when it is durable, before the next is written; does not fail.</param>
    /// <returns>Completes when it is durable.</returns>
    public Task<SavedCheckpoint> Add(SavedCheckpoint checkpoint, long bytes, Func<StorageException?, Task<SavedCheckpoint>> write, Func<Task> after)
    {
        lock (_gate)
        {
            _entries.RemoveAll(entry => entry.Done.IsCompletedSuccessfully);
            var (before, waits) = (_last, !_last.IsCompleted);
            var durable = Task.Run(async () =>
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return await write(waits ? OutageOf(before) : null).ConfigureAwait(false);
            });
            var done = EndAsync(durable, after);
            // A failure that is not told to anybody because nobody saves any more must not count as one that nobody handles.
            _ = done.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            _entries.Add(new(checkpoint, bytes, time.GetTimestamp(), durable, done));
            _last = done;
            return durable;
        }
    }

    /// <summary>Waits until the oldest save has ended, however it did.</summary>
    public Task WaitForOldestAsync()
    {
        lock (_gate)
            return Quietly(_entries.FirstOrDefault(entry => !entry.Done.IsCompleted)?.Done ?? Task.CompletedTask);
    }

    /// <summary>Waits until all have ended, however they did.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
            return Quietly(_last);
    }

    /// <summary>What saves that have ended failed with, oldest first; each is told once.</summary>
    public (string Id, Exception Failure)[] TakeFailures()
    {
        lock (_gate)
        {
            var failed = _entries.Where(entry => entry.Durable.IsFaulted).ToList();
            _entries.RemoveAll(failed.Contains);
            return [.. failed.Select(entry => (entry.Checkpoint.Id, entry.Durable.Exception!.InnerException!))];
        }
    }

    /// <summary>Whoever awaited a save has been told of its failure.</summary>
    public void Told(string id)
    {
        lock (_gate)
            _entries.RemoveAll(entry => entry.Checkpoint.Id == id && entry.Durable.IsFaulted);
    }

    private static StorageException? OutageOf(Task save) => save.Exception?.InnerException is StorageException { Kind: StorageErrorKind.Transient } outage ? outage : null;

    private static async Task EndAsync(Task<SavedCheckpoint> durable, Func<Task> after)
    {
        await durable.ConfigureAwait(false);
        await after().ConfigureAwait(false);
    }

    private static async Task Quietly(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// The checkpoints of one directory: asks the policies, saves in the background one at a time, lists, opens, and removes what no
/// policy keeps. Writes only once the directory has been claimed.
/// </summary>
internal sealed class CheckpointStore : IAsyncDisposable
{
    private readonly ICheckpointStorage _storage;
    private readonly CheckpointManagerOptions _options;
    private readonly BaseWeights _baseWeights;
    private readonly CheckpointWriter _writer;
    private readonly Retention _retention;
    private readonly CheckpointNameTemplate _naming;
    private readonly PolicySet _policies;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly SaveQueue _queue;
    private readonly List<long> _skipped = [];

    /// <summary>Saves that failed, each with the checkpoint before it. What is there of one may yet turn out to be a checkpoint, so no
    /// other gets its name.</summary>
    private readonly ConcurrentDictionary<string, string?> _failed = new(StringComparer.Ordinal);

    private CheckpointCatalog _catalog;
    private DirectoryClaim? _claim;
    private DateTimeOffset _newest;
    private bool _disposed;

    private CheckpointStore(
        ICheckpointStorage storage, CheckpointCatalog catalog, CheckpointManagerOptions options, PolicySet policies, TimeProvider time, ILogger logger)
    {
        _storage = storage;
        _catalog = catalog;
        _options = options;
        _queue = new(options.MaxQueuedBytes);
        _baseWeights = new(storage, logger);
        _writer = new(storage, _baseWeights);
        _retention = new(storage, policies);
        _naming = new(options.Name);
        _policies = policies;
        _time = time;
        _logger = logger;
    }

    /// <summary>Opens a directory; writes nothing.</summary>
    /// <param name="storage">Where its checkpoints lie.</param>
    /// <param name="options">How new ones are named, when they are taken and which are kept.</param>
    /// <param name="policies">Policies beside those that the options stand for, each with its name for messages.</param>
    /// <param name="services">The clock, and the logger told of what goes wrong without stopping anything.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="StorageException">The directory cannot be listed.</exception>
    public static async Task<CheckpointStore> OpenAsync(
        ICheckpointStorage storage, CheckpointManagerOptions options, IReadOnlyList<(string Name, ICheckpointPolicy Policy)> policies,
        HostServices services, CancellationToken cancellationToken)
    {
        var logger = services.Loggers.CreateLogger<CheckpointManager>();
        var patient = new RetryingStorage(storage, options.RetryFor, services.Time, logger);
        var catalog = await CheckpointCatalog.ReadAsync(patient, cancellationToken).ConfigureAwait(false);
        return new(patient, catalog, options, new([.. OfOptions(options), .. policies], logger), services.Time, logger);
    }

    /// <summary>The policies that the plain options stand for.</summary>
    private static IEnumerable<(string Name, ICheckpointPolicy Policy)> OfOptions(CheckpointManagerOptions options)
    {
        if (options.SaveInterval > 0)
            yield return ("interval", new IntervalPolicy(new() { Episodes = options.SaveInterval }));
        yield return ("keep-last", new KeepLastPolicy(new() { Count = options.MaxCheckpoints }));
    }

    /// <summary>Where the directory is.</summary>
    public string Location => _storage.Location;

    /// <summary>The committed checkpoints, newest first.</summary>
    public ImmutableArray<SavedCheckpoint> Checkpoints => _catalog.Saved;

    /// <summary>Checkpoints found damaged so far: set aside, neither counted nor ever deleted.</summary>
    public ImmutableArray<DamagedCheckpointException> Damaged => _catalog.Damaged;

    /// <summary>Where the checkpoints lie, with failures that may pass tried again.</summary>
    public ICheckpointStorage Storage => _storage;

    /// <summary>What is there.</summary>
    public CheckpointCatalog Catalog => _catalog;

    /// <summary>The right to write there.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public DirectoryClaim Claim
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(CheckpointManager));
            return _claim ?? throw new InvalidOperationException($"{Location} was opened read-only: nothing can be saved or removed there.");
        }
    }

    /// <summary>Told of each checkpoint once it is durable; on a background thread.</summary>
    public event Action<SavedCheckpoint>? Saved;

    /// <summary>Sees whether a process of this machine has the directory, without writing anything.</summary>
    /// <exception cref="DirectoryInUseException">One has.</exception>
    public Task CheckFreeAsync(CancellationToken cancellationToken) => DirectoryClaim.CheckFreeAsync(_storage, _time, cancellationToken);

    /// <summary>
    /// Makes the directory this process's own, once: until it is disposed of, nobody else writes there. Finishes what a process that
    /// died there had begun, and reads again what is there.
    /// </summary>
    /// <exception cref="DirectoryInUseException">Somebody else has it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public Task ClaimAsync(CancellationToken cancellationToken) => ClaimAsync(ImmutableHashSet<string>.Empty, cancellationToken);

    /// <summary>The same for somebody who goes on with what a process that died there had begun.</summary>
    /// <param name="goingOn">Checkpoints by id, and base weights by key: what is there of them half-way stays, and stays announced.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public async Task ClaimAsync(IReadOnlySet<string> goingOn, CancellationToken cancellationToken)
    {
        if (_claim is not null)
            return;
        var claim = await DirectoryClaim.TakeAsync(_storage, _options.RunName, _time, _logger, cancellationToken).ConfigureAwait(false);
        try
        {
            await LeftoverSweep.ForestallAsync(_storage, claim, cancellationToken).ConfigureAwait(false);
            var damaged = _catalog.Damaged;
            _catalog = await CheckpointCatalog.ReadAsync(_storage, cancellationToken).ConfigureAwait(false);
            foreach (var damage in damaged)
                _catalog.SetAside(damage);
            await SweepAsync(claim, goingOn, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await claim.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _claim = claim;
    }

    /// <summary>Removes what those before had announced and left half-way; what cannot be removed keeps nobody from training.</summary>
    private async Task SweepAsync(DirectoryClaim claim, IReadOnlySet<string> goingOn, CancellationToken cancellationToken)
    {
        // Only what a checkpoint stood on already is safe from a process that lost the directory and does not know it yet.
        var doubtful = claim.Doubtful.Where(key => CheckpointLayout.BaseWeightsOf(key) is { } digest && !_catalog.IsInUse(digest)).ToList();
        await claim.DoubtOnlyAsync(doubtful).ConfigureAwait(false);
        _baseWeights.Avoid(doubtful.Select(key => CheckpointLayout.BaseWeightsOf(key)!));

        var announced = claim.Pending.Concat(doubtful).Concat(_catalog.GivenUp).Where(key => !goingOn.Contains(key));
        var sweep = await LeftoverSweep.RunAsync(_storage, claim, announced, _catalog, cancellationToken).ConfigureAwait(false);
        if (sweep.Removed.Count > 0)
            _logger.LogInformation("Removed what a process that ended early had left half-way: {Removed}", string.Join(", ", sweep.Removed));
        if (sweep.Failure is { } failure)
            _logger.LogWarning(failure, "What a process that ended early had left half-way could not all be removed: {Message}. It is tried again after the next save.", failure.Message.TrimEnd('.'));
    }

    /// <summary>Asks the policies of a run whether to save now.</summary>
    /// <returns>The reasons and tags of all that say yes; null when none does.</returns>
    public (string Reason, ImmutableArray<string> Tags)? Decide(string runId, TrainingProgress progress)
    {
        var underWay = _queue.UnderWay; // First: what is committed meanwhile is then in both.
        var saved = _catalog.OfRun(runId);
        return _policies.Decide(progress, saved.InsertRange(0, underWay.Where(busy => busy.RunId == runId && !saved.Take(underWay.Count).Any(there => there.Id == busy.Id))));
    }

    /// <summary>
    /// Makes room for a save: waits until those under way leave enough memory; or, where the options say so and it is not urgent,
    /// records that this one is skipped. The failure of one before, if nobody was told of it, is thrown here.
    /// </summary>
    /// <returns>Whether a save can begin.</returns>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    /// <exception cref="StorageException">A save before failed; told once.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    public async Task<bool> MakeRoomAsync(long episode, bool urgent)
    {
        _ = Claim;
        ThrowFailure();
        if (!_queue.HasRoom && !urgent && _options.WhenBusy == WhenBusy.Skip)
        {
            lock (_skipped)
                _skipped.Add(episode);
            _logger.LogWarning("The checkpoint of episode {Episode} was skipped: the one before is still being written (Checkpoints:WhenBusy is skip).", episode);
            return false;
        }

        while (!_queue.HasRoom)
            await _queue.WaitForOldestAsync().ConfigureAwait(false);
        ThrowFailure();
        return true;
    }

    /// <summary>Begins to save; call when there is room. The content's snapshot is released when it is written.</summary>
    /// <returns>The id, and a task that completes when the checkpoint is durable.</returns>
    public (string Id, Task<SavedCheckpoint> Durable) BeginSave(CheckpointContent content)
    {
        var claim = Claim;
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
            () => SaveAsync(id, timestamp, content, skipped, claim),
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
        if (_claim?.Lost is { } lost)
            throw lost;
    }

    /// <summary>Removes the checkpoints of a run that no policy keeps.</summary>
    /// <returns>Their ids.</returns>
    public Task<IReadOnlyList<string>> PruneAsync(string runId, CancellationToken cancellationToken) => ApplyAsync(_retention, runId, cancellationToken);

    /// <summary>Removes the checkpoints of a run that none of other policies than the store's own keeps.</summary>
    public async Task<PruneReport> PruneAsync(string runId, PruneOptions options, CancellationToken cancellationToken)
    {
        var retention = new Retention(_storage, options.ToPolicies(_logger));
        var (ids, bases) = retention.Plan(runId, _catalog);
        var removable = ids.Select(Find).ToList();
        var freed = removable.Sum(saved => saved.SizeBytes);
        foreach (var key in removable.Select(saved => CheckpointLayout.Key(saved.Id, CheckpointLayout.Metadata)).Concat(bases.Select(CheckpointLayout.BaseWeights)))
            freed += (await _storage.StatAsync(key, cancellationToken).ConfigureAwait(false))?.Length ?? 0;
        if (!options.DryRun)
            await ApplyAsync(retention, runId, cancellationToken).ConfigureAwait(false);
        return new() { RunId = runId, Removed = removable, BaseWeightsRemoved = bases, BytesFreed = freed, Left = _catalog.OfRun(runId).Length - (options.DryRun ? removable.Count : 0) };
    }

    /// <summary>How many bytes the directory takes, and what of them removing a run's unkept checkpoints would free.</summary>
    public Task<StorageUsage> MeasureAsync(string runId, CancellationToken cancellationToken) =>
        DirectoryUsage.CountAsync(_storage.ListAsync("", cancellationToken), Checkpoints, _retention.Plan(runId, _catalog), cancellationToken);

    /// <summary>The checkpoint of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">It is there, but damaged.</exception>
    public SavedCheckpoint Find(string id) => Checkpoints.FirstOrDefault(saved => saved.Id == id)
        ?? throw (Exception?)Damaged.FirstOrDefault(damage => damage.CheckpointId == id) ?? new KeyNotFoundException($"{Location} holds no checkpoint '{id}'. {NearestMatch.Suggest(id, Checkpoints.Select(saved => saved.Id))}");

    /// <summary>The checkpoint that a choice means; see <see cref="CheckpointChoice.Find"/>.</summary>
    public SavedCheckpoint Choose(string choice, params IReadOnlyList<string> words) => CheckpointChoice.Find(choice, Checkpoints, Damaged, Location, words);

    /// <summary>How many bytes some checkpoints have, their base weights counted once.</summary>
    public async Task<long> CountBytesAsync(IReadOnlyCollection<SavedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        var total = checkpoints.Sum(saved => saved.SizeBytes);
        foreach (var digest in checkpoints.SelectMany(saved => _catalog.BaseWeightsOf(saved.Id)).Distinct())
            total += (await _storage.StatAsync(CheckpointLayout.BaseWeights(digest), cancellationToken).ConfigureAwait(false))?.Length ?? 0;
        return total;
    }

    /// <summary>Opens a checkpoint for reading.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    public Task<CheckpointReader> ReadAsync(string id, CancellationToken cancellationToken) => ReadAsync(id, read: null, cancellationToken);

    /// <summary>The same, telling what is read.</summary>
    /// <param name="id">The checkpoint.</param>
    /// <param name="read">Told of the bytes that are read through what is returned; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    public async Task<CheckpointReader> ReadAsync(string id, Action<long>? read, CancellationToken cancellationToken)
    {
        var file = await CheckpointReader.ReadMetadataAsync(_storage, Find(id).Id, cancellationToken).ConfigureAwait(false)
            ?? throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, "is missing");
        return new(read is null ? _storage : new MeteredStorage(_storage, read), _baseWeights, CheckpointRecord.Parse(id, file.Content.Span));
    }

    /// <summary>Whether a checkpoint is there at this moment, in whatever state: the process that saves there may have removed it.</summary>
    public async Task<bool> IsThereAsync(string id, CancellationToken cancellationToken) =>
        await _storage.StatAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Takes a checkpoint that was found damaged out of the count; its files stay where they are.</summary>
    public void SetAside(DamagedCheckpointException damage) => _catalog.SetAside(damage);

    /// <summary>Waits for the last save, whose failure is logged, and gives the directory free.</summary>
    /// <returns>What the last save failed with, if nobody was told of it; null when it did not.</returns>
    public async Task<Exception?> CloseAsync()
    {
        Exception? failure = null;
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            failure = e;
            _logger.LogError(e, "The last checkpoint could not be saved: {Message}", e.Message);
        }

        // What was given free may be another's at once: nothing is written there any more.
        _disposed = true;
        if (Interlocked.Exchange(ref _claim, null) is { } claim)
            await claim.DisposeAsync().ConfigureAwait(false);
        return failure;
    }

    /// <summary>The same where nobody is left to tell.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async Task<IReadOnlyList<string>> ApplyAsync(Retention retention, string runId, CancellationToken cancellationToken)
    {
        var claim = Claim;
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await retention.ApplyAsync(runId, _catalog, claim, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Throws what the first save failed with of which nobody was told; what came of it for those behind it is logged.</summary>
    private void ThrowFailure()
    {
        if (_queue.TakeFailures() is not [var first, .. var others])
            return;
        foreach (var (id, failure) in others)
            _logger.LogError(failure, "Checkpoint '{Checkpoint}' could not be saved either: {Message}", id, failure.Message);
        ExceptionDispatchInfo.Throw(first.Failure);
    }

    private async Task<SavedCheckpoint> SaveAsync(string id, DateTimeOffset timestamp, CheckpointContent content, long[] skipped, DirectoryClaim claim)
    {
        var facts = await WriteAsync(id, timestamp, content, skipped, claim).ConfigureAwait(false);
        try
        {
            Saved?.Invoke(facts.Saved);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _logger.LogWarning(e, "Who was told that checkpoint '{Checkpoint}' is saved failed: {Message}", id, e.Message);
        }

        return facts.Saved;
    }

    /// <summary>Removes what no policy keeps once a checkpoint is durable; whoever waits for that does not wait for this.</summary>
    private async Task PruneAfterAsync(string id, string runId)
    {
        try
        {
            await PruneAsync(runId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What could not be removed now is removed after a later save.
            _logger.LogWarning(e, "Checkpoint '{Checkpoint}' is saved, but removing older ones failed: {Message}", id, e.Message);
        }
    }

    private async Task<CheckpointFacts> WriteAsync(string id, DateTimeOffset timestamp, CheckpointContent content, long[] skipped, DirectoryClaim claim)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            using (content.Snapshot)
            {
                content = content with { Parent = ParentOf(content) };
                var facts = await _writer.WriteAsync(id, timestamp, content, skipped, claim, CancellationToken.None).ConfigureAwait(false);
                _catalog.Add(facts);
                return facts;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _failed[id] = content.Parent;
            lock (_skipped)
                _skipped.InsertRange(0, skipped); // For the next one to say.
            if (e is not StorageException { Kind: StorageErrorKind.Transient }) // Then nothing could be removed now either.
                await CleanUpAsync(id, claim).ConfigureAwait(false);
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
    private async Task CleanUpAsync(string id, DirectoryClaim claim)
    {
        try
        {
            if (!claim.Pending.Contains(id))
                return; // Nothing was written; and once the directory is lost, its new holder may be writing a checkpoint of that name.

            // Whether the metadata got there is the one thing that a failure may leave open. It may also be one that forestalled this save.
            var metadata = await _storage.ReadAllAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), CancellationToken.None).ConfigureAwait(false);
            if (metadata is null ? await IsAnothersAsync(claim).ConfigureAwait(false) : !CheckpointFacts.IsVoid(metadata.Content.Span))
                return;
            await LeftoverSweep.DeleteDataAsync(_storage, id, CancellationToken.None).ConfigureAwait(false);
            await claim.SettleAsync([id]).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _logger.LogWarning(e, "What was written of checkpoint '{Checkpoint}' could not be removed: {Message}", id, e.Message);
        }
    }

    /// <summary>Whether the directory was lost to somebody, and not only emptied.</summary>
    private async Task<bool> IsAnothersAsync(DirectoryClaim claim) =>
        claim.Lost is not null && await _storage.StatAsync(CheckpointLayout.Claim, CancellationToken.None).ConfigureAwait(false) is not null;

    /// <summary>
    /// The clock may stand still or be set back; the order of checkpoints must not. A name counts seconds: one that is taken is
    /// left to its checkpoint, whose files the new one would overwrite.
    /// </summary>
    private (string Id, DateTimeOffset Timestamp) NextName(CheckpointContent content)
    {
        if (Checkpoints is [var newest, ..] && newest.Timestamp > _newest)
            _newest = newest.Timestamp;
        var now = _time.GetUtcNow();
        _newest = now > _newest ? now : _newest.AddTicks(1);
        var id = _naming.Format(content.RunName, content.Episode, _newest, content.Final, content.Metrics);
        while (_catalog.IsTaken(id) || _failed.ContainsKey(id) || _queue.Contains(id))
        {
            _newest = _newest.AddSeconds(1);
            id = _naming.Format(content.RunName, content.Episode, _newest, content.Final, content.Metrics);
        }

        return (id, _newest);
    }
}

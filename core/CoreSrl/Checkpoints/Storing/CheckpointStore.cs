using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// The checkpoints of one directory: lists and opens them, asks the policies, and, once the directory has been claimed, saves and
/// removes what no policy keeps.
/// </summary>
internal sealed class CheckpointStore : ICheckpointStore
{
    private readonly RetryingStorage _storage;
    private readonly CheckpointManagerOptions _options;
    private readonly BaseWeights _baseWeights;
    private readonly CheckpointWriter _writer;
    private readonly Retention _retention;
    private readonly PolicySet _policies;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private CheckpointCatalog _catalog;
    private DirectoryChanges? _changes;
    private bool _disposed;

    private CheckpointStore(
        RetryingStorage storage, CheckpointCatalog catalog, CheckpointManagerOptions options, PolicySet policies, TimeProvider time, ILogger logger)
    {
        _storage = storage;
        _catalog = catalog;
        _options = options;
        _baseWeights = new(storage, logger);
        _writer = new(storage, _baseWeights, options.Place);
        _retention = new(storage, policies);
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
    public static Task<CheckpointStore> OpenAsync(
        ICheckpointStorage storage, CheckpointManagerOptions options, IReadOnlyList<(string Name, ICheckpointPolicy Policy)> policies,
        HostServices services, CancellationToken cancellationToken) =>
        OpenAsync(storage, options, PolicySet.Of(options, policies, LoggerOf(services)), services, cancellationToken);

    /// <summary>The same with no other policies than these.</summary>
    public static async Task<CheckpointStore> OpenAsync(
        ICheckpointStorage storage, CheckpointManagerOptions options, PolicySet policies, HostServices services, CancellationToken cancellationToken)
    {
        var logger = LoggerOf(services);
        var patient = new RetryingStorage(storage, options.RetryFor, services.Time, logger);
        var catalog = await CheckpointCatalog.ReadAsync(patient, cancellationToken).ConfigureAwait(false);
        return new(patient, catalog, options, policies, services.Time, logger);
    }

    /// <summary>What is told of work on checkpoints, whichever class does it.</summary>
    public static ILogger LoggerOf(HostServices services) => services.Loggers.CreateLogger<CheckpointManager>();

    /// <summary>Where the directory is.</summary>
    public string Location => _storage.Location;

    /// <summary>The committed checkpoints, newest first.</summary>
    public ImmutableArray<SavedCheckpoint> Checkpoints => _catalog.Saved;

    /// <summary>Checkpoints found damaged so far: set aside, neither counted nor ever deleted.</summary>
    public ImmutableArray<DamagedCheckpointException> Damaged => _catalog.Damaged;

    /// <summary>Where the checkpoints lie, with failures that may pass tried again.</summary>
    public ICheckpointStorage Storage => _storage;

    /// <summary>Whether what fails for a reason that may pass is tried again for long. Not where that was waited for already, in vain.</summary>
    public bool IsPatient
    {
        get => _storage.IsPatient;
        set => _storage.IsPatient = value;
    }

    /// <summary>What is there.</summary>
    public CheckpointCatalog Catalog => _catalog;

    /// <summary>The right to write there.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public DirectoryClaim Claim => Changes.Claim;

    private DirectoryChanges Changes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(CheckpointManager));
            return _changes ?? throw new InvalidOperationException($"{Location} was opened read-only: nothing can be saved or removed there.");
        }
    }

    /// <summary>Told of each checkpoint once it is durable; on a background thread.</summary>
    public event Action<SavedCheckpoint>? Saved;

    /// <summary>Sees whether a process of this machine has the directory, without writing anything.</summary>
    /// <exception cref="DirectoryInUseException">One has.</exception>
    public Task CheckFreeAsync(CancellationToken cancellationToken) => DirectoryClaim.CheckFreeAsync(_storage, _options.Place, _time, cancellationToken);

    /// <summary>
    /// Makes the directory this process's own, once: until it is disposed of, nobody else writes there. Finishes what a process that
    /// died there had begun, and reads again what is there.
    /// </summary>
    /// <exception cref="DirectoryInUseException">Somebody else has it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public Task ClaimAsync(CancellationToken cancellationToken) => ClaimAsync(ImmutableHashSet<string>.Empty, null, cancellationToken);

    /// <summary>The same for somebody who goes on with what a process that died there had begun.</summary>
    /// <param name="goingOn">Checkpoints by id, and base weights by key: what is there of them half-way stays, and stays announced.</param>
    /// <param name="beside">Another directory of the same checkpoints, whose names are taken here too and whose newest is older than what
    /// is saved here; null for none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public async Task ClaimAsync(IReadOnlySet<string> goingOn, CheckpointCatalog? beside, CancellationToken cancellationToken)
    {
        if (_changes is not null)
            return;
        var claim = await DirectoryClaim.TakeAsync(_storage, _options.RunName, _options.Place, _time, _logger, cancellationToken).ConfigureAwait(false);
        try
        {
            await LeftoverSweep.ForestallAsync(_storage, claim, cancellationToken).ConfigureAwait(false);
            var before = _catalog;
            _catalog = await CheckpointCatalog.ReadAsync(_storage, cancellationToken).ConfigureAwait(false);
            await _catalog.LookForAsync(before, _storage, cancellationToken).ConfigureAwait(false);
            await SweepAsync(claim, goingOn, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await claim.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _changes = new(_storage, claim, _catalog, beside, _writer, _retention, _options, _time, _logger);
        _changes.Saved += saved => Saved?.Invoke(saved);
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
    public (string Reason, ImmutableArray<string> Tags)? Decide(string runId, TrainingProgress progress) => _policies.Decide(progress, SavedOrUnderWay(runId));

    /// <summary>The checkpoints of a run, newest first, those under way among them as if they were saved already.</summary>
    public ImmutableArray<SavedCheckpoint> SavedOrUnderWay(string runId)
    {
        var underWay = _changes?.UnderWay ?? []; // First: what is committed meanwhile is then in both.
        var saved = _catalog.OfRun(runId);
        return saved.InsertRange(0, underWay.Where(busy => busy.RunId == runId && !saved.Take(underWay.Count).Any(there => there.Id == busy.Id)));
    }

    /// <summary>Makes room for a save; see <see cref="DirectoryChanges.MakeRoomAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public Task<bool> MakeRoomAsync(long episode, bool urgent) => Changes.MakeRoomAsync(episode, urgent);

    /// <summary>Begins to save; see <see cref="DirectoryChanges.Begin"/>.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public (string Id, Task<SavedCheckpoint> Durable) BeginSave(CheckpointContent content) => Changes.Begin(content);

    /// <summary>Waits until nothing is being saved or removed.</summary>
    /// <exception cref="StorageException">A save failed; told once.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    public Task FlushAsync() => _changes?.FlushAsync() ?? Task.CompletedTask;

    /// <summary>Whoever awaited a save has been told of its failure: it is not told again.</summary>
    public void Told(string id) => _changes?.Told(id);

    /// <summary>Waits until nothing is being saved or removed; a failure is left for the next save to tell.</summary>
    public Task WaitAsync() => _changes?.WaitAsync() ?? Task.CompletedTask;

    /// <summary>Throws what a save that has ended failed with, or that the directory was lost, if that was noticed since; does not
    /// wait.</summary>
    public void SurfaceFailure() => _changes?.SurfaceFailure();

    /// <summary>Removes the checkpoints of a run that no policy keeps.</summary>
    /// <returns>Their ids.</returns>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public Task<IReadOnlyList<string>> PruneAsync(string runId, CancellationToken cancellationToken) => Changes.PruneAsync(_retention, runId, cancellationToken);

    /// <summary>Removes checkpoints, whoever would keep them.</summary>
    public Task RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => Changes.RemoveAsync(_retention, ids, cancellationToken);

    /// <summary>Removes the checkpoints of a run that none of other policies than the store's own keeps.</summary>
    public async Task<PruneReport> PruneAsync(string runId, PruneOptions options, CancellationToken cancellationToken)
    {
        var retention = new Retention(_storage, options.ToPolicies(_logger));
        var (ids, bases) = retention.Plan(runId, _catalog);
        var removable = ids.Select(this.Find).ToList();
        var freed = removable.Sum(saved => saved.SizeBytes);
        foreach (var key in removable.Select(saved => CheckpointLayout.Key(saved.Id, CheckpointLayout.Metadata)).Concat(bases.Select(CheckpointLayout.BaseWeights)))
            freed += (await _storage.StatAsync(key, cancellationToken).ConfigureAwait(false))?.Length ?? 0;
        if (!options.DryRun)
            await Changes.PruneAsync(retention, runId, cancellationToken).ConfigureAwait(false);
        return new() { RunId = runId, Removed = removable, BaseWeightsRemoved = bases, BytesFreed = freed, Left = _catalog.OfRun(runId).Length - (options.DryRun ? removable.Count : 0) };
    }

    /// <summary>How many bytes the directory takes, and what of them removing a run's unkept checkpoints would free.</summary>
    public Task<StorageUsage> MeasureAsync(string runId, CancellationToken cancellationToken) =>
        DirectoryUsage.CountAsync(_storage.ListAsync("", cancellationToken), Checkpoints, _retention.Plan(runId, _catalog), cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<CheckpointStore> HoldersOf(string id) => _catalog.Holds(id) ? [this] : [];

    /// <inheritdoc/>
    public IReadOnlyList<DamagedCheckpointException> DamagedCopies => Damaged;

    /// <inheritdoc/>
    public ImmutableArray<SavedCheckpoint> NotYetDurable => [];

    /// <inheritdoc/>
    public Task WaitUntilDurableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>How many bytes some checkpoints have, their base weights counted once.</summary>
    public async Task<long> CountBytesAsync(IReadOnlyCollection<SavedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        var total = checkpoints.Sum(saved => saved.SizeBytes);
        foreach (var digest in checkpoints.SelectMany(saved => _catalog.BaseWeightsOf(saved.Id)).Distinct())
            total += (await _storage.StatAsync(CheckpointLayout.BaseWeights(digest), cancellationToken).ConfigureAwait(false))?.Length ?? 0;
        return total;
    }

    /// <summary>Opens a checkpoint for reading.</summary>
    /// <param name="id">The checkpoint.</param>
    /// <param name="read">Told of the bytes that are read through what is returned; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    public async Task<CheckpointReader> ReadAsync(string id, Action<long>? read, CancellationToken cancellationToken)
    {
        var file = await CheckpointReader.ReadMetadataAsync(_storage, this.Find(id).Id, cancellationToken).ConfigureAwait(false)
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
        if (Interlocked.Exchange(ref _changes, null) is { } changes)
            await changes.DisposeAsync().ConfigureAwait(false);
        return failure;
    }

    /// <summary>The same where nobody is left to tell.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);
}

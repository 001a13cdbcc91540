using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Copying;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints;

/// <summary>
/// The checkpoints of one directory, for any training loop: saves behind training, restores the newest whole one to the same bits,
/// lists, verifies, and removes what no policy keeps.
/// </summary>
/// <remarks>
/// A directory belongs to one manager at a time, of whatever process; one opened with <see cref="OpenReadOnlyAsync"/> only looks.
/// Call the members from one thread at a time: that of the training loop.
/// </remarks>
public sealed class CheckpointManager : IAsyncDisposable
{
    /// <summary>What the files of the loop's state are named after.</summary>
    private const string StateId = "model";

    private readonly ICheckpointStore _store;
    private readonly CheckpointManagerOptions _options;
    private readonly HostServices _services;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SnapshotBuffers _buffers;
    private readonly DateTimeOffset _opened;
    private readonly TrainingClock _clock;
    private string? _runId;
    private string? _parent;
    private CheckpointSave? _last;

    internal CheckpointManager(ICheckpointStore store, CheckpointManagerOptions options, HostServices services)
    {
        _store = store;
        _options = options;
        _services = services;
        _time = services.Time;
        _logger = services.Loggers.CreateLogger<CheckpointManager>();
        _buffers = new(options.MaxQueuedBytes);
        _opened = _time.GetUtcNow();
        _clock = new(_time);
        _store.Saved += saved => Saved?.Invoke(saved);
    }

    /// <summary>Opens a directory to save there, and takes it for this process.</summary>
    /// <param name="storage">Where the checkpoints lie.</param>
    /// <param name="options">How checkpoints are taken; null for the defaults.</param>
    /// <param name="services">The clock, and loggers told of what goes wrong without stopping anything; null for none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    /// <exception cref="DirectoryInUseException">Another process saves there.</exception>
    /// <exception cref="StorageException">The directory cannot be listed or written.</exception>
    public static async Task<CheckpointManager> OpenAsync(
        ICheckpointStorage storage, CheckpointManagerOptions? options = null, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        var manager = await OpenReadOnlyAsync(storage, options, services, cancellationToken).ConfigureAwait(false);
        try
        {
            await manager._store.ClaimAsync(cancellationToken).ConfigureAwait(false);
            return manager;
        }
        catch
        {
            await manager.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a directory to look at it; writes nothing, and disturbs nobody who does.</summary>
    /// <param name="storage">Where the checkpoints lie.</param>
    /// <param name="options">As for <see cref="OpenAsync"/>.</param>
    /// <param name="services">As for <see cref="OpenAsync"/>.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    /// <exception cref="StorageException">The directory cannot be listed.</exception>
    public static async Task<CheckpointManager> OpenReadOnlyAsync(
        ICheckpointStorage storage, CheckpointManagerOptions? options = null, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        options ??= new();
        options.Validate();
        services ??= new();
        var policies = options.Policies.Select(policy => (policy.GetType().Name, policy)).ToList();
        return new(await ICheckpointStore.OpenAsync(storage, options, policies, services, cancellationToken).ConfigureAwait(false), options, services);
    }

    /// <summary>Where the directory is.</summary>
    public string Location => _store.Location;

    /// <summary>The committed checkpoints, newest first.</summary>
    public IReadOnlyList<SavedCheckpoint> Checkpoints => _store.Checkpoints;

    /// <summary>The directories that hold a checkpoint: where there is a fast tier, it may be in that one, in the durable one, or in both.</summary>
    /// <returns>None when there is no whole checkpoint of that id.</returns>
    public IReadOnlyList<string> LocationsOf(string id) => [.. _store.HoldersOf(id).Select(holder => holder.Location)];

    /// <summary>Checkpoints found damaged so far: set aside, neither counted nor ever deleted.</summary>
    public IReadOnlyList<DamagedCheckpointException> Damaged => _store.Damaged;

    /// <summary>Those that are still in the fast tier alone, newest first; none where there is no such tier.</summary>
    public IReadOnlyList<SavedCheckpoint> NotYetDurable => _store.NotYetDurable;

    /// <summary>Told of each checkpoint once it is durable, or in the fast tier where there is one; on a background thread.</summary>
    public event Action<SavedCheckpoint>? Saved;

    /// <summary>
    /// Takes a checkpoint. Returns as soon as what training changes has been copied, which waits for the saves before this one only where
    /// they hold more memory than <see cref="CheckpointManagerOptions.MaxQueuedBytes"/>; the rest happens behind training. The tensors must not change before it returns.
    /// </summary>
    /// <param name="step">The steps completed.</param>
    /// <param name="metrics">Numbers to record, by name.</param>
    /// <param name="state">What to save. One object for all saves of a loop: what is frozen in it is then digested once.</param>
    /// <param name="notes">What else to remember (where the data stands, say); comes back as <see cref="RestoredCheckpoint.Notes"/>.</param>
    /// <param name="final">Whether the run is finished: a final checkpoint is not counted by <see cref="CheckpointManagerOptions.MaxCheckpoints"/>.</param>
    /// <returns>The save, to await where the checkpoint must be durable.</returns>
    /// <exception cref="StorageException">A save before this one failed, and nobody awaited it; this one was not begun.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to another process by now.</exception>
    public async Task<CheckpointSave> SaveAsync(
        long step, IReadOnlyDictionary<string, double>? metrics, IStateful state, JsonObject? notes = null, bool final = false)
    {
        _store.SurfaceFailure();
        var progress = Progress(step, metrics);
        var tags = final && _store.Decide(RunId, progress) is { } decision ? decision.Tags : [];
        return (await TakeAsync(progress, state, notes, final, final ? "training is finished" : "asked for", tags, urgent: true).ConfigureAwait(false))!;
    }

    /// <summary>Takes a checkpoint if a policy wants one now; see <see cref="SaveAsync"/>.</summary>
    /// <param name="step">The steps completed.</param>
    /// <param name="metrics">Numbers to record and for the policies to decide by, by name.</param>
    /// <param name="state">What to save.</param>
    /// <param name="notes">What else to remember.</param>
    /// <returns>The save; null when no policy wants one, or when it was skipped because those before are still being written.</returns>
    /// <exception cref="StorageException">A save before this one failed, and nobody awaited it; told whether or not one is due.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to another process by now.</exception>
    public async Task<CheckpointSave?> SaveIfDueAsync(
        long step, IReadOnlyDictionary<string, double>? metrics, IStateful state, JsonObject? notes = null)
    {
        _store.SurfaceFailure();
        var progress = Progress(step, metrics);
        return _store.Decide(RunId, progress) is { } decision
            ? await TakeAsync(progress, state, notes, final: false, decision.Reason, decision.Tags, urgent: false).ConfigureAwait(false)
            : null;
    }

    /// <summary>
    /// Puts a state back to the newest whole checkpoint; one that turns out damaged is set aside, logged, and the one before it is
    /// tried. Every byte is checked as it is read.
    /// </summary>
    /// <returns>Where to go on from; null when there is no checkpoint yet.</returns>
    /// <exception cref="DamagedCheckpointException">There are checkpoints, and every one is damaged; the state is part-way.</exception>
    /// <exception cref="CheckpointMismatchException">The newest whole checkpoint is not of such a state, which is as it was.</exception>
    /// <exception cref="StorageException">The directory cannot be read.</exception>
    public async Task<RestoredCheckpoint?> RestoreLatestAsync(IStateful state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (var damage in _store.Damaged)
            _logger.LogWarning(damage, "{Message} It is set aside.", damage.Message);
        while (_store.Checkpoints is [var saved, ..])
        {
            try
            {
                return await RestoreAsync(saved.Id, state, cancellationToken).ConfigureAwait(false);
            }
            catch (DamagedCheckpointException e)
            {
                _store.SetAside(e);
                _logger.LogWarning(e, "{Message} It is set aside; trying the one before it.", e.Message);
            }
        }

        _buffers.Prepare([(StateId, state)]);
        return _store.Damaged is [_, ..] damaged ? throw DamagedCheckpointException.OfAll(Location, damaged, "choose another directory.") : null;
    }

    /// <summary>Puts a state back to a checkpoint.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written; the state is part-way.</exception>
    /// <exception cref="CheckpointMismatchException">It is not of such a state, which is as it was.</exception>
    public async Task<RestoredCheckpoint> RestoreAsync(string id, IStateful state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        // A save under way may still read the state's frozen tensors, and remove this very checkpoint when it is done.
        await _store.WaitAsync().ConfigureAwait(false);
        return await _store.UseAsync(id, () => RestoreCopyAsync(id, state, cancellationToken), TryNext).ConfigureAwait(false);
    }

    private async Task<RestoredCheckpoint> RestoreCopyAsync(string id, IStateful state, CancellationToken cancellationToken)
    {
        var reader = await _store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        var notes = await reader.ReadJsonAsync(CheckpointLayout.TrainingState, cancellationToken).ConfigureAwait(false);
        var differences = await StateDifference.FindAsync(reader, StateId, state, cancellationToken).ConfigureAwait(false);
        if (differences.Count > 0)
            throw new CheckpointMismatchException($"Checkpoint '{id}' in {Location} is of something else: {string.Join("; ", differences)}. Use what it was taken of, or another directory.");
        await reader.RestoreAsync(0, StateId, state, cancellationToken).ConfigureAwait(false);
        _buffers.Prepare([(StateId, state)]);
        _runId = reader.Record.Saved.RunId;
        (_parent, _last) = (id, null);
        _clock.GoOnFrom(reader.Record.Saved);
        return new(reader.Record.Saved, notes);
    }

    /// <summary>Waits until nothing is being saved, and nothing is in the fast tier alone.</summary>
    /// <exception cref="StorageException">The last save failed; told once. Or what is in the fast tier cannot be copied just now.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to another process by now.</exception>
    public async Task FlushAsync()
    {
        await _store.FlushAsync().ConfigureAwait(false);
        await _store.WaitUntilDurableAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Removes the run's checkpoints that no policy keeps, as every save does.</summary>
    /// <returns>Their ids.</returns>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    public Task<IReadOnlyList<string>> PruneAsync(CancellationToken cancellationToken = default) => _store.PruneAsync(RunId, cancellationToken);

    /// <summary>Removes the checkpoints of a run that none of these rules keeps; the newest one never.</summary>
    /// <param name="options">The rules, and which run.</param>
    /// <param name="cancellationToken">Ends the work early; what was begun is finished by whoever saves there next.</param>
    /// <returns>What went, or would go.</returns>
    /// <exception cref="ArgumentException">There is no rule.</exception>
    /// <exception cref="KeyNotFoundException">The directory has no such run.</exception>
    /// <exception cref="InvalidOperationException">The directory was opened read-only, and it is no dry run.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to another process by now.</exception>
    /// <exception cref="StorageException">Something cannot be removed.</exception>
    public async Task<PruneReport> PruneAsync(PruneOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.RunId is { } run && !Checkpoints.Any(saved => saved.RunId == run))
            throw new KeyNotFoundException($"{Location} holds no run '{run}'. {NearestMatch.Suggest(run, Checkpoints.Select(saved => saved.RunId))}");
        return await _store.PruneAsync(options.RunId ?? RunId, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts the bytes of the directory, and those that <see cref="PruneAsync(CancellationToken)"/> would free.</summary>
    /// <exception cref="StorageException">The directory cannot be listed.</exception>
    public Task<StorageUsage> MeasureAsync(CancellationToken cancellationToken = default) => _store.MeasureAsync(RunId, cancellationToken);

    /// <summary>The checkpoint of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">It is there, but damaged.</exception>
    public SavedCheckpoint Find(string id) => _store.Find(id);

    /// <summary>The checkpoint that <c>latest</c>, <c>best</c>, <c>best:METRIC</c>, <c>final</c>, <c>episode:150</c> (the newest of each;
    /// an episode is a loop's step) or an id means.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest and says what there is.</exception>
    /// <exception cref="DamagedCheckpointException">It is damaged, or one that is damaged may be it.</exception>
    public SavedCheckpoint Choose(string choice)
    {
        ArgumentException.ThrowIfNullOrEmpty(choice);
        return _store.Choose(choice);
    }

    /// <summary>All that the metadata of a checkpoint says.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    public async Task<CheckpointRecord> DescribeAsync(string id, CancellationToken cancellationToken = default) =>
        (await _store.UseAsync(id, () => _store.ReadAsync(id, cancellationToken), TryNext).ConfigureAwait(false)).Record;

    /// <summary>Reads every byte of a checkpoint, base weights included, and compares it with what was written.</summary>
    /// <param name="id">The checkpoint.</param>
    /// <param name="progress">Told how far it is, from several threads; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="StorageException">It cannot be read just now.</exception>
    public async Task<CheckpointVerdict> VerifyAsync(string id, IProgress<CheckpointProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_store.DamagedCopies.All(damage => damage.CheckpointId != id))
            _store.Find(id);
        var reading = await ProgressOfAsync(Checkpoints.Where(saved => saved.Id == id), progress, cancellationToken).ConfigureAwait(false);
        return await new CheckpointVerification(_store, reading).RunAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Verifies every checkpoint, newest first, then those that are known to be damaged; shared base weights are read once.
    /// One that is removed meanwhile, by the process that saves there, is passed over.</summary>
    /// <param name="progress">Told how far it is, from several threads; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="StorageException">One cannot be read just now.</exception>
    public async IAsyncEnumerable<CheckpointVerdict> VerifyAllAsync(
        IProgress<CheckpointProgress>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var verification = new CheckpointVerification(_store, await ProgressOfAsync(Checkpoints, progress, cancellationToken).ConfigureAwait(false));
        foreach (var saved in Checkpoints)
        {
            var verdict = await verification.RunAsync(saved.Id, cancellationToken).ConfigureAwait(false);
            if (verdict.IsWhole || await _store.IsThereAsync(saved.Id, cancellationToken).ConfigureAwait(false))
                yield return verdict;
        }

        foreach (var damage in Damaged)
            yield return new(damage.CheckpointId, [damage]);
    }

    /// <summary>
    /// Copies checkpoints to another directory, where they list, verify and train like any other: a backup, and the way back from one.
    /// Base weights come along, once. Every byte is compared with its digest before it is passed on and when it is read back. What is
    /// there already stays; what is there with damage is written again; a copy that ended early is gone on with. This directory is only
    /// read, so a trainer may be saving to it meanwhile.
    /// </summary>
    /// <param name="destination">Where to: a directory of its own, which nobody else writes to.</param>
    /// <param name="ids">The checkpoints, in the order to copy them.</param>
    /// <param name="progress">Told how far it is, from several threads; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early; calling again goes on with it.</param>
    /// <returns>What became of each. One that is damaged here is not copied, and told there.</returns>
    /// <exception cref="ArgumentException">The destination is this directory itself.</exception>
    /// <exception cref="KeyNotFoundException">There is no checkpoint of such an id.</exception>
    /// <exception cref="DamagedCheckpointException">The metadata of one is damaged.</exception>
    /// <exception cref="CheckpointMismatchException">The destination has another checkpoint of the same id.</exception>
    /// <exception cref="DirectoryInUseException">Another process saves to the destination.</exception>
    /// <exception cref="ClaimLostException">The destination belongs to another process by now.</exception>
    /// <exception cref="StorageException">Something cannot be read or written.</exception>
    public async Task<CopyReport> CopyToAsync(
        ICheckpointStorage destination, IReadOnlyCollection<string> ids, IProgress<CheckpointProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(ids);
        if (destination.Location == Location)
            throw new ArgumentException($"{Location} cannot be copied to itself; name another place.", nameof(destination));
        await using var store = await CheckpointStore.OpenAsync(destination, _options with { Place = "place", FastTier = null }, [], _services, cancellationToken).ConfigureAwait(false);
        return await new CheckpointCopy(_store, store, progress).RunAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a model of a checkpoint to this machine's disk, for other programs. Every byte is checked first; the files are
    /// there as a whole or not at all.</summary>
    /// <param name="id">The checkpoint.</param>
    /// <param name="modelId">The model; a training loop's state is called <c>model</c>.</param>
    /// <param name="format">As what.</param>
    /// <param name="folder">Where to; for <see cref="ExportFormat.Peft"/> a folder that is new or empty.</param>
    /// <param name="progress">Told how far it is, from several threads; null for nobody.</param>
    /// <param name="cancellationToken">Ends the export; nothing is left of it.</param>
    /// <returns>The file or folder that was written.</returns>
    /// <exception cref="KeyNotFoundException">There is no such checkpoint, or no such model in it.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    /// <exception cref="CheckpointMismatchException">The model has nothing that could be exported so.</exception>
    /// <exception cref="IOException">Something is there already, or it cannot be written.</exception>
    public async Task<string> ExportAsync(
        string id, string modelId, ExportFormat format, string folder, IProgress<CheckpointProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Enum.IsDefined(format))
            throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        var reading = new ReadProgress(progress);
        return await _store.UseAsync(id, ExportCopyAsync, TryNext).ConfigureAwait(false);

        async Task<string> ExportCopyAsync()
        {
            var reader = await _store.ReadAsync(id, reading.Of(id), cancellationToken).ConfigureAwait(false);
            return await ModelExport.RunAsync(reader, modelId, format, folder, reading, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a checkpoint; where its first copy is damaged, once more from the other.</summary>
    internal Task UseAsync(string id, Func<CheckpointReader, Task> use, CancellationToken cancellationToken) => _store.UseAsync(
        id,
        async () =>
        {
            await use(await _store.ReadAsync(id, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            return true;
        },
        TryNext);

    /// <summary>Waits for the last save and gives the directory free. A failure that nobody has been told of yet is thrown then: like a
    /// file that cannot be flushed when it is closed, a last checkpoint must not be lost in silence.</summary>
    /// <exception cref="StorageException">The last save failed.</exception>
    /// <exception cref="ClaimLostException">The directory belonged to another process by then.</exception>
    public async ValueTask DisposeAsync()
    {
        if (await _store.CloseAsync().ConfigureAwait(false) is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void TryNext(DamagedCheckpointException damage, string where) =>
        _logger.LogWarning(damage, "{Message} It is set aside; trying its copy in {Where}.", damage.Message, where);

    private async Task<ReadProgress> ProgressOfAsync(IEnumerable<SavedCheckpoint> checkpoints, IProgress<CheckpointProgress>? progress, CancellationToken cancellationToken)
    {
        var reading = new ReadProgress(progress);
        if (reading.IsWatched)
            reading.Expect(await _store.CountCopiesAsync(checkpoints, cancellationToken).ConfigureAwait(false));
        return reading;
    }

    private static IReadOnlyDictionary<string, double> Nothing => ImmutableDictionary<string, double>.Empty;

    private string RunId => _runId ??= _store.Checkpoints is [var newest, ..]
        ? newest.RunId
        : $"{_options.RunName}-{_opened.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";

    private TrainingProgress Progress(long step, IReadOnlyDictionary<string, double>? metrics) => new()
    {
        Episode = step,
        MaxEpisodes = long.MaxValue,
        Elapsed = _clock.Elapsed,
        HeldUp = _clock.HeldUp,
        Metrics = metrics?.ToImmutableDictionary() ?? Nothing,
    };

    /// <summary>Takes a checkpoint, counting for how long training waits for it; null when it is skipped.</summary>
    private async Task<CheckpointSave?> TakeAsync(
        TrainingProgress progress, IStateful state, JsonObject? notes, bool final, string reason, ImmutableArray<string> tags, bool urgent)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(progress.Episode);
        var began = _clock.Timestamp();
        try
        {
            if (!await _store.MakeRoomAsync(progress.Episode, urgent).ConfigureAwait(false))
                return null;
            var snapshot = _buffers.TryCapture([(StateId, state)]) ?? throw new InvalidOperationException("Two saves at once: call the manager from one thread at a time.");
            _parent = _last?.Id ?? _parent;
            var (id, durable) = _store.BeginSave(Content(progress, snapshot, notes, final, reason, tags));
            _last = new(id, durable, _store.Told);
            if (!_options.Asynchronous)
                await _store.FlushAsync().ConfigureAwait(false);
            return _last;
        }
        finally
        {
            _clock.HeldUpSince(began);
        }
    }

    private CheckpointContent Content(
        TrainingProgress progress, Snapshot snapshot, JsonObject? notes, bool final, string reason, ImmutableArray<string> tags)
    {
        var remembered = notes?.DeepClone().AsObject() ?? [];
        return new()
        {
            RunId = RunId,
            RunName = _options.RunName,
            Parent = _parent,
            Episode = progress.Episode,
            Elapsed = progress.Elapsed,
            HeldUp = progress.HeldUp,
            Final = final,
            Reason = reason,
            Tags = tags,
            Metrics = progress.Metrics,
            Snapshot = snapshot,
            Documents = () => new()
            {
                ModelStates = new() { [StateId] = new JsonObject { ["update_count"] = progress.Episode } },
                GlobalMetrics = new(progress.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, CheckpointJson.Number(pair.Value)))),
                Config = [],
                TrainingState = remembered,
                Plugins = [],
            },
        };
    }
}

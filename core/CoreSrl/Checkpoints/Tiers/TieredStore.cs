using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Copying;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Tiers;

/// <summary>
/// Checkpoints in two tiers, each a directory like any other, with a claim of its own. They are saved in the fast one and copied to the
/// durable one behind training, the newest first; read from the fast one where it has them. The policies rule what the durable one
/// keeps, and count only what is durable: what still has to be copied drives nothing out.
/// </summary>
internal sealed class TieredStore : ICheckpointStore
{
    private readonly CheckpointStore _durable;
    private readonly CheckpointStore _fast;
    private readonly PolicySet _policies;
    private readonly BackgroundUpload _upload;
    private readonly ILogger _logger;

    /// <summary>The durable tier is changed by one at a time: a copy or a removal.</summary>
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Base weights that were copied to the durable tier, or seen whole there: they are not read back with every checkpoint.</summary>
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);

    /// <summary>Whether somebody has waited for what is there now, and was told why it cannot be copied.</summary>
    private volatile bool _waitedInVain;

    /// <summary>Whether those before have left something to copy, which training has not set about yet.</summary>
    private bool _isLeft;
    private bool _closed;

    private TieredStore(CheckpointStore fast, CheckpointStore durable, PolicySet policies, HostServices services)
    {
        _fast = fast;
        _durable = durable;
        _policies = policies;
        _logger = CheckpointStore.LoggerOf(services);
        _upload = new(UploadAsync, services.Time, _logger);
        _fast.Saved += saved =>
        {
            _waitedInVain = false;
            _upload.Signal();
            Saved?.Invoke(saved);
        };
    }

    /// <inheritdoc/>
    public event Action<SavedCheckpoint>? Saved;

    /// <inheritdoc/>
    public string Location => $"{_fast.Location} and {_durable.Location}";

    /// <inheritdoc/>
    public ImmutableArray<SavedCheckpoint> Checkpoints => WithFast(_durable.Checkpoints, _fast.Checkpoints);

    /// <inheritdoc/>
    public ImmutableArray<DamagedCheckpointException> Damaged =>
        [.. _fast.Damaged.Concat(_durable.Damaged).Where(damage => HoldersOf(damage.CheckpointId).Count == 0).DistinctBy(damage => damage.CheckpointId)];

    /// <inheritdoc/>
    public IReadOnlyList<DamagedCheckpointException> DamagedCopies => [.. _fast.Damaged, .. _durable.Damaged];

    /// <inheritdoc/>
    public ImmutableArray<SavedCheckpoint> NotYetDurable => [.. _fast.Checkpoints.Where(Waits)];

    /// <inheritdoc/>
    public bool IsPatient
    {
        get => _fast.IsPatient;
        set => _fast.IsPatient = _durable.IsPatient = value;
    }

    /// <summary>Opens both tiers; writes nothing.</summary>
    /// <param name="fast">The fast tier.</param>
    /// <param name="durable">The storage of the durable one.</param>
    /// <param name="options">How checkpoints are named and when they are taken.</param>
    /// <param name="policies">When they are taken, and which the durable tier keeps.</param>
    /// <param name="services">The clock, and the logger told of what goes wrong without stopping anything.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="ConfigurationException">Both are the same place.</exception>
    /// <exception cref="StorageException">One cannot be listed.</exception>
    public static async Task<TieredStore> OpenAsync(
        FastTier fast, ICheckpointStorage durable, CheckpointManagerOptions options, PolicySet policies, HostServices services, CancellationToken cancellationToken)
    {
        if (fast.Storage.Location == durable.Location)
            throw new ConfigurationException($"{options.Place}: the fast tier and the durable one are the same place, {durable.Location}. Give each its own.");
        var logger = CheckpointStore.LoggerOf(services);
        TieredStore? store = null;
        // The fast one first: what leaves it meanwhile has reached the durable one before that is listed.
        var keeping = new PolicySet([("fast tier", new FastRetention(fast.Keep, saved => store!.Waits(saved)))], logger);
        var near = await CheckpointStore.OpenAsync(fast.Storage, options, keeping, services, cancellationToken).ConfigureAwait(false);
        var far = await CheckpointStore.OpenAsync(durable, options, policies, services, cancellationToken).ConfigureAwait(false);
        store = new(near, far, policies, services);
        foreach (var damage in store.DamagedCopies.Where(damage => store.HoldersOf(damage.CheckpointId).Count > 0))
            logger.LogWarning("{Message} The other tier's copy of it counts.", damage.Message);
        return store;
    }

    /// <inheritdoc/>
    public IReadOnlyList<CheckpointStore> HoldersOf(string id) => [.. _fast.HoldersOf(id), .. _durable.HoldersOf(id)];

    /// <inheritdoc/>
    public void SetAside(DamagedCheckpointException damage) => (HoldersOf(damage.CheckpointId) is [var read, ..] ? read : _durable).SetAside(damage);

    /// <inheritdoc/>
    public Task<CheckpointReader> ReadAsync(string id, Action<long>? read, CancellationToken cancellationToken)
    {
        this.Find(id);
        return (HoldersOf(id) is [var holder, ..] ? holder : _durable).ReadAsync(id, read, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> IsThereAsync(string id, CancellationToken cancellationToken) =>
        await _fast.IsThereAsync(id, cancellationToken).ConfigureAwait(false) || await _durable.IsThereAsync(id, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<StorageUsage> MeasureAsync(string runId, CancellationToken cancellationToken)
    {
        var fast = await _fast.MeasureAsync(runId, cancellationToken).ConfigureAwait(false);
        var durable = await _durable.MeasureAsync(runId, cancellationToken).ConfigureAwait(false);
        var bytes = fast.Checkpoints.Concat(durable.Checkpoints).ToLookup(entry => entry.Checkpoint.Id, entry => entry.Bytes);
        var bases = fast.BaseWeights.Concat(durable.BaseWeights).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Sum(entry => entry.Value));
        return new([.. Checkpoints.Select(saved => (saved, bytes[saved.Id].Sum()))], bases, fast.OtherBytes + durable.OtherBytes)
        {
            Prunable = durable.Prunable,
            PrunableBytes = fast.PrunableBytes + durable.PrunableBytes,
        };
    }

    /// <inheritdoc/>
    public async Task CheckFreeAsync(CancellationToken cancellationToken)
    {
        await _durable.CheckFreeAsync(cancellationToken).ConfigureAwait(false);
        await _fast.CheckFreeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ClaimAsync(CancellationToken cancellationToken)
    {
        CheckSameRun();
        // What a process that died had begun to copy is gone on with.
        var waiting = NotYetDurable.Select(saved => saved.Id).ToList();
        HashSet<string> goingOn = [.. waiting, .. waiting.SelectMany(id => _fast.Catalog.BaseWeightsOf(id)).Select(CheckpointLayout.BaseWeights)];
        await _durable.ClaimAsync(goingOn, null, cancellationToken).ConfigureAwait(false);
        await _fast.ClaimAsync(ImmutableHashSet<string>.Empty, _durable.Catalog, cancellationToken).ConfigureAwait(false);
        _isLeft = !NotYetDurable.IsEmpty;
    }

    /// <inheritdoc/>
    public (string Reason, ImmutableArray<string> Tags)? Decide(string runId, TrainingProgress progress) =>
        _policies.Decide(progress, WithFast(_durable.Catalog.OfRun(runId), _fast.SavedOrUnderWay(runId)));

    /// <inheritdoc/>
    public Task<bool> MakeRoomAsync(long episode, bool urgent) => _fast.MakeRoomAsync(episode, urgent);

    /// <inheritdoc/>
    public (string Id, Task<SavedCheckpoint> Durable) BeginSave(CheckpointContent content) => _fast.BeginSave(content);

    /// <inheritdoc/>
    public Task FlushAsync() => _fast.FlushAsync();

    /// <inheritdoc/>
    public void Told(string id) => _fast.Told(id);

    /// <inheritdoc/>
    public Task WaitAsync() => _fast.WaitAsync();

    /// <inheritdoc/>
    public async Task WaitUntilDurableAsync(CancellationToken cancellationToken)
    {
        await _fast.WaitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (NotYetDurable.IsEmpty && !_upload.IsStarted)
            return;
        _waitedInVain = true;
        await _upload.WaitAsync(cancellationToken).ConfigureAwait(false);
        _waitedInVain = false;
    }

    /// <inheritdoc/>
    public void SurfaceFailure()
    {
        _fast.SurfaceFailure();
        _durable.SurfaceFailure();
        try
        {
            _upload.ThrowIfFailed();
        }
        catch
        {
            _waitedInVain = true; // It need not be told once more when all ends.
            throw;
        }

        if (!_isLeft)
            return;
        _isLeft = false;
        _upload.Signal(); // Not only once something is saved here: this process may end before.
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> PruneAsync(string runId, CancellationToken cancellationToken)
    {
        var before = Checkpoints;
        await ChangeAsync(async () => await _durable.PruneAsync(runId, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await _fast.PruneAsync(runId, cancellationToken).ConfigureAwait(false);
        return [.. before.Select(saved => saved.Id).Except(Checkpoints.Select(saved => saved.Id))];
    }

    /// <inheritdoc/>
    public async Task<PruneReport> PruneAsync(string runId, PruneOptions options, CancellationToken cancellationToken)
    {
        PruneReport report = null!;
        await ChangeAsync(
            async () =>
            {
                report = await _durable.PruneAsync(runId, options with { DryRun = true }, cancellationToken).ConfigureAwait(false);
                if (options.DryRun)
                    return;
                // From the fast tier first: what is left there alone would be copied again.
                await _fast.RemoveAsync([.. report.Removed.Select(saved => saved.Id)], cancellationToken).ConfigureAwait(false);
                report = await _durable.PruneAsync(runId, options, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return report with { Left = Checkpoints.Count(saved => saved.RunId == runId) - (options.DryRun ? report.Removed.Count : 0) };
    }

    /// <inheritdoc/>
    public async Task<Exception?> CloseAsync()
    {
        if (_closed)
            return null;
        _closed = true;
        await _fast.WaitAsync().ConfigureAwait(false);
        Exception? failure = null;
        try
        {
            if (_upload.IsStarted && !_waitedInVain)
                await WaitUntilDurableAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            failure = e;
            _logger.LogError(e, "{Message}", e.Message);
        }

        await _upload.DisposeAsync().ConfigureAwait(false);
        var (durable, fast) = (await _durable.CloseAsync().ConfigureAwait(false), await _fast.CloseAsync().ConfigureAwait(false));
        return fast ?? failure ?? durable;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Refuses a fast tier that was another run's: its checkpoints would be gone on from, and copied.</summary>
    private void CheckSameRun()
    {
        if (_fast.Checkpoints is [var near, ..] && _durable.Checkpoints is [var far, ..] && !_fast.Checkpoints.Select(saved => saved.RunId).Intersect(_durable.Checkpoints.Select(saved => saved.RunId)).Any())
            throw new ConfigurationException($"{_fast.Location} holds the run '{near.RunId}', and {_durable.Location} the run '{far.RunId}'. Give each run a fast tier of its own.");
    }

    /// <summary>Whether a checkpoint of the fast tier has to be copied yet. One that the durable tier would remove at once, for what it
    /// holds already, need not.</summary>
    private bool Waits(SavedCheckpoint saved) =>
        !_durable.Catalog.Holds(saved.Id) && _policies.Keep(CheckpointCatalog.Insert(_durable.Catalog.OfRun(saved.RunId), saved)).Contains(saved.Id);

    private ImmutableArray<SavedCheckpoint> WithFast(ImmutableArray<SavedCheckpoint> durable, IEnumerable<SavedCheckpoint> fast) =>
        fast.Where(saved => !_durable.Catalog.Holds(saved.Id)).Aggregate(durable, CheckpointCatalog.Insert);

    /// <summary>Copies whatever has to be, the newest first: a machine that is lost loses as little as can be.</summary>
    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        while (_fast.Checkpoints.FirstOrDefault(Waits) is { } next)
        {
            try
            {
                await ChangeAsync(() => UploadAsync(next, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e)
            {
                var count = NotYetDurable.Length;
                throw new StorageException(e.Kind, e.Key, $"{(count == 1 ? $"Checkpoint '{next.Id}' is" : $"{count} checkpoints are")} in {_fast.Location} alone and could not be copied to {_durable.Location}: {e.Message.TrimEnd('.')}. Training that goes on there copies {(count == 1 ? "it" : "them")}.", e);
            }
        }
    }

    private async Task UploadAsync(SavedCheckpoint saved, CancellationToken cancellationToken)
    {
        if (!_fast.Catalog.Holds(saved.Id))
            return; // It was removed by hand, or set aside, meanwhile.
        _whole.RemoveWhere(key => CheckpointLayout.BaseWeightsOf(key) is not { } digest || !_durable.Catalog.IsInUse(digest)); // It may be gone.
        var report = await new CheckpointCopy(_fast, _durable, progress: null, _whole).RunAsync([saved.Id], cancellationToken).ConfigureAwait(false);
        if ((report.Damaged is [var found, ..] ? found : _durable.Catalog.Holds(saved.Id) ? null : new(saved.Id, CheckpointLayout.Metadata, "is missing")) is { } damage)
        {
            _fast.SetAside(damage);
            _logger.LogError(damage, "{Message} It is set aside, and was not copied to {Durable}.", damage.Message, _durable.Location);
            return;
        }

        _logger.LogInformation("Checkpoint '{Checkpoint}' is in {Durable}, too", saved.Id, _durable.Location);
        await PruneAfterAsync(saved, _durable, cancellationToken).ConfigureAwait(false);
        await PruneAfterAsync(saved, _fast, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes what need not stay now that a checkpoint is durable. What cannot be removed is, after a later one.</summary>
    private async Task PruneAfterAsync(SavedCheckpoint saved, CheckpointStore tier, CancellationToken cancellationToken)
    {
        try
        {
            await tier.PruneAsync(saved.RunId, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            _logger.LogWarning(e, "Checkpoint '{Checkpoint}' is durable, but removing older ones failed: {Message}", saved.Id, e.Message);
        }
    }

    private async Task ChangeAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }
}

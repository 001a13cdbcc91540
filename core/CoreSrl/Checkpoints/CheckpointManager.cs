using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints;

/// <summary>
/// The checkpoints of one directory: asks the policies, saves in the background one at a time, lists, opens, and removes what no
/// policy keeps.
/// </summary>
public sealed class CheckpointManager : IAsyncDisposable
{
    private readonly ICheckpointStorage _storage;
    private readonly CheckpointWriter _writer;
    private readonly CheckpointCatalog _catalog;
    private readonly CheckpointNameTemplate _naming;
    private readonly PolicySet _policies;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Task _saving = Task.CompletedTask;
    private SavedCheckpoint? _inFlight;
    private DateTimeOffset _newest;

    private CheckpointManager(
        ICheckpointStorage storage, CheckpointCatalog catalog, string nameTemplate, PolicySet policies, TimeProvider time, ILogger logger)
    {
        _storage = storage;
        _catalog = catalog;
        _writer = new(storage);
        _naming = new(nameTemplate);
        _policies = policies;
        _time = time;
        _logger = logger;
        _newest = catalog.Records is [var newest, ..] ? newest.Saved.Timestamp : DateTimeOffset.MinValue;
    }

    /// <summary>Opens a directory; writes nothing.</summary>
    /// <param name="storage">Where its checkpoints lie.</param>
    /// <param name="options">How new ones are named, when they are taken and which are kept.</param>
    /// <param name="policies">Policies beside the built-in interval, each with its name for messages.</param>
    /// <param name="services">The clock, and the logger told of what goes wrong without stopping anything.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="ConfigurationException">The directory cannot be listed.</exception>
    internal static async Task<CheckpointManager> OpenAsync(
        ICheckpointStorage storage,
        CheckpointOptions options,
        IReadOnlyList<(string Name, ICheckpointPolicy Policy)> policies,
        HostServices services,
        CancellationToken cancellationToken)
    {
        var logger = services.Loggers.CreateLogger<CheckpointManager>();
        var interval = new IntervalPolicy(options.SaveInterval, options.MaxCheckpoints);
        try
        {
            var catalog = await CheckpointCatalog.ReadAsync(storage, cancellationToken).ConfigureAwait(false);
            return new(storage, catalog, options.Name, new([("interval", interval), .. policies], logger), services.Time, logger);
        }
        catch (StorageException e)
        {
            throw new ConfigurationException($"Checkpoints:Directory: {storage.Location} cannot be listed: {e.Message}", e);
        }
    }

    /// <summary>Where the directory is.</summary>
    public string Location => _storage.Location;

    /// <summary>The committed checkpoints, newest first.</summary>
    public IReadOnlyList<CheckpointRecord> Checkpoints => _catalog.Records;

    /// <summary>Checkpoints found damaged so far: set aside, neither counted nor ever deleted.</summary>
    public IReadOnlyList<DamagedCheckpointException> Damaged => _catalog.Damaged;

    /// <summary>Told of each checkpoint once it is durable; on a background thread.</summary>
    public event Action<SavedCheckpoint>? Saved;

    /// <summary>Asks the policies of a run whether to save now.</summary>
    /// <returns>The reasons and tags of all that say yes; null when none does.</returns>
    internal (string Reason, ImmutableArray<string> Tags)? Decide(string runId, TrainingProgress progress)
    {
        var saved = OfRun(runId);
        return _policies.Decide(progress, _inFlight is { } busy && !saved.Exists(s => s.Id == busy.Id) ? [busy, .. saved] : saved);
    }

    /// <summary>
    /// Begins to save. The content's snapshot is released when it is written. Waits first for the save before this one, whose
    /// failure, if it failed, is thrown here.
    /// </summary>
    /// <returns>The id, at once; and a task that completes when the checkpoint is durable.</returns>
    /// <exception cref="StorageException">The save before this one failed.</exception>
    internal async Task<(string Id, Task<SavedCheckpoint> Durable)> BeginSaveAsync(CheckpointContent content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch
        {
            content.Snapshot.Dispose();
            throw;
        }

        var (id, timestamp) = NextName(content);
        _inFlight = new()
        {
            Id = id,
            RunId = content.RunId,
            Episode = content.Episode,
            Timestamp = timestamp,
            Final = content.Final,
            EnvironmentSteps = content.EnvironmentSteps,
            Tags = content.Tags,
            Metrics = CheckpointJson.Numbers(content.GlobalMetrics),
        };
        var saving = Task.Run(() => SaveAsync(id, timestamp, content, cancellationToken), CancellationToken.None);
        _saving = saving;
        return (id, saving);
    }

    /// <summary>Waits until nothing is being saved.</summary>
    /// <exception cref="StorageException">The last save failed; told once.</exception>
    internal async Task FlushAsync()
    {
        var saving = _saving;
        try
        {
            await saving.ConfigureAwait(false);
        }
        finally
        {
            _saving = Task.CompletedTask;
            _inFlight = null;
        }
    }

    /// <summary>Throws what the last save failed with, if it has ended; does not wait.</summary>
    internal Task SurfaceFailureAsync() => _saving.IsFaulted ? FlushAsync() : Task.CompletedTask;

    /// <summary>The checkpoint of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">It is there, but damaged.</exception>
    public CheckpointRecord Find(string id) => Checkpoints.FirstOrDefault(record => record.Saved.Id == id)
        ?? throw (Exception?)Damaged.FirstOrDefault(damage => damage.CheckpointId == id) ?? new KeyNotFoundException($"{Location} holds no checkpoint '{id}'. {NearestMatch.Suggest(id, Checkpoints.Select(record => record.Saved.Id))}");

    /// <summary>Takes a checkpoint that was found damaged out of the count; its files stay where they are.</summary>
    internal void SetAside(DamagedCheckpointException damage) => _catalog.SetAside(damage);

    /// <summary>Opens a checkpoint for reading.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    internal CheckpointReader Read(string id) => new(_storage, Find(id));

    /// <summary>Writes and removes a small object, so that a directory that cannot be written is known before any work is done.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    internal async Task ProbeAsync(CancellationToken cancellationToken)
    {
        const string key = "write-test";
        await _storage.WriteAsync(key, new("probe"u8.ToArray()), WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        await _storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the last save; its failure is logged, as nobody is left to tell.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _logger.LogError(e, "The last checkpoint could not be saved: {Message}", e.Message);
        }
    }

    private async Task<SavedCheckpoint> SaveAsync(string id, DateTimeOffset timestamp, CheckpointContent content, CancellationToken cancellationToken)
    {
        CheckpointRecord record;
        using (content.Snapshot)
            record = await _writer.WriteAsync(id, timestamp, content, cancellationToken).ConfigureAwait(false);
        _catalog.Add(record);
        try
        {
            Saved?.Invoke(record.Saved);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _logger.LogWarning(e, "Who was told that checkpoint '{Checkpoint}' is saved failed: {Message}", id, e.Message);
        }

        try
        {
            await RetainAsync(content.RunId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // The checkpoint is durable; what could not be removed now is removed after a later save.
            _logger.LogWarning(e, "Checkpoint '{Checkpoint}' is saved, but removing older ones failed: {Message}", id, e.Message);
        }

        return record.Saved;
    }

    /// <summary>Removes the run's checkpoints that no policy keeps, the metadata first; then base weights nobody refers to.</summary>
    private async Task RetainAsync(string runId, CancellationToken cancellationToken)
    {
        var saved = OfRun(runId);
        var keep = _policies.Keep(saved);
        var unreferenced = new HashSet<string>();
        foreach (var record in Checkpoints.Where(record => record.Saved.RunId == runId && !keep.Contains(record.Saved.Id)))
        {
            await _storage.DeleteAsync(CheckpointLayout.Key(record.Saved.Id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false);
            _catalog.Remove(record);
            foreach (var path in record.Files.Keys)
                await _storage.DeleteAsync(CheckpointLayout.Key(record.Saved.Id, path), cancellationToken).ConfigureAwait(false);
            unreferenced.UnionWith(record.BaseWeights);
        }

        // What a damaged checkpoint refers to may be all that is left of it.
        if (Damaged.Count > 0)
            return;
        unreferenced.ExceptWith(Checkpoints.SelectMany(record => record.BaseWeights));
        foreach (var digest in unreferenced)
            await _storage.DeleteAsync(CheckpointLayout.BaseWeights(digest), cancellationToken).ConfigureAwait(false);
    }

    private List<SavedCheckpoint> OfRun(string runId) =>
        [.. Checkpoints.Select(record => record.Saved).Where(saved => saved.RunId == runId)];

    /// <summary>
    /// The clock may stand still or be set back; the order of checkpoints must not. A name counts seconds: one that is taken is
    /// left to its checkpoint, whose files the new one would overwrite.
    /// </summary>
    private (string Id, DateTimeOffset Timestamp) NextName(CheckpointContent content)
    {
        var taken = Checkpoints.Select(record => record.Saved.Id).Concat(Damaged.Select(damaged => damaged.CheckpointId)).ToHashSet();
        var now = _time.GetUtcNow();
        _newest = now > _newest ? now : _newest.AddTicks(1);
        var id = _naming.Format(content.RunName, content.Episode, _newest, content.Final);
        while (taken.Contains(id))
        {
            _newest = _newest.AddSeconds(1);
            id = _naming.Format(content.RunName, content.Episode, _newest, content.Final);
        }

        return (id, _newest);
    }
}

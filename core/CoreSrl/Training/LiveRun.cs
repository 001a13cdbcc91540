using System.Globalization;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Training;

/// <summary>
/// A run as it lives in this process: the models, and the last episode boundary that they reached. Each episode makes the next
/// boundary; the one before stays until it is there.
/// </summary>
internal sealed class LiveRun : IDisposable
{
    private readonly MultiModelConfig _config;
    private readonly RunParts _parts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EpisodePlayer _player;
    private readonly Learner _learner;
    private readonly SnapshotBuffers _buffers;
    private readonly IReadOnlyList<(string Id, IStateful State)> _models;
    private volatile Boundary? _boundary;

    /// <summary>Whether the models may have left the last boundary without reaching another.</summary>
    private bool _modelsMoved;

    public LiveRun(MultiModelConfig config, RunParts parts, HostServices services)
    {
        _config = config;
        _parts = parts;
        _time = services.Time;
        _logger = services.Loggers.CreateLogger<MultiModelTrainer>();
        _buffers = new(config.Checkpoints.MaxQueuedBytes);
        _player = new(parts.Models, parts.Environments, parts.Together, config.Training, parts.Calls);
        _learner = new(parts.Models, config.Training, parts.Calls);
        _models = [.. parts.Models.Select(slot => (slot.Id, (IStateful)slot.Model))];
    }

    /// <summary>The last boundary; null before the run has begun.</summary>
    public Boundary? Boundary => _boundary;

    /// <summary>Whether the last boundary can still be saved: it was copied, or the models are still there.</summary>
    public bool CanSave => _boundary is { } boundary && (boundary.Snapshot is not null || !(_modelsMoved || _parts.Calls.HasAbandonedModel));

    /// <summary>Begins a run with the models as they were created.</summary>
    public void Begin()
    {
        var started = _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var state = TrainingState.Begin($"{_config.Training.RunName}-{started}", _config.Training.Threads, _parts.Models);
        _boundary = new(state, _buffers.TryCapture(_models), _parts.Memory.Capture(), new([], []));
    }

    /// <summary>Puts models and plugins into the state of a checkpoint.</summary>
    /// <returns>The options that have other values than when it was taken.</returns>
    /// <exception cref="KeyNotFoundException">There is no checkpoint of that id.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written; the models are then part-way.</exception>
    /// <exception cref="ConfigurationException">It does not fit the configuration; nothing was changed.</exception>
    public async Task<IReadOnlyList<ConfigChange>> RestoreAsync(string id, CancellationToken cancellationToken)
    {
        var stored = await StoredRun.OpenAsync(id, _parts, _config, cancellationToken).ConfigureAwait(false);
        _modelsMoved = true;
        await stored.RestoreAsync(_parts, cancellationToken).ConfigureAwait(false);
        Reach(stored.State, learned: true, stored.Metrics);
        _boundary = _boundary! with { ConfigChanges = [.. stored.EarlierChanges, .. stored.Changes] };
        return stored.Changes;
    }

    /// <summary>The clock's time, for <see cref="HeldUpSince"/>.</summary>
    public long Timestamp() => _time.GetTimestamp();

    /// <summary>Plays and learns from one episode. Whatever fails, the last boundary is that before it.</summary>
    public async Task<EpisodeReport> PlayEpisodeAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var before = _boundary!.State;
        var episode = before.Episode + 1;
        var (trajectories, steps) = await _player.PlayAsync(episode, cancellationToken).ConfigureAwait(false);
        var experiences = Advantages.Compute(trajectories, _parts.Models.Count, _config.Training.Discount, _config.Training.ScaleAdvantages);
        var state = Statistics.AfterGames(before, trajectories, experiences, steps);
        var learns = episode % _config.Training.UpdateFrequency == 0;
        if (learns)
        {
            _modelsMoved = true;
            // Models of which there is no copy must not be left half-way: they learn to the end, and the run stops then.
            var token = _boundary.Snapshot is null ? CancellationToken.None : cancellationToken;
            var reports = await _learner.UpdateAsync(
                episode, [.. state.Pending.Select(pending => (IReadOnlyList<Experience>)pending)], state.PendingReward, token).ConfigureAwait(false);
            state = Statistics.AfterUpdate(state, reports);
        }

        state = state with { ElapsedSeconds = state.ElapsedSeconds + _time.GetElapsedTime(started).TotalSeconds };
        Reach(state, learns, Contributions.Collect(state, trajectories, _config.Training.MaxEpisodes, _parts.Contributors, _logger));
        return new(_boundary.Progress(_config.Training.MaxEpisodes), state.Models);
    }

    /// <summary>Puts models and plugins back to the last boundary.</summary>
    /// <returns>False when it cannot be done, for want of a copy: then a checkpoint must be loaded.</returns>
    public bool TryReturn()
    {
        if (!CanSave)
            return false;
        if (_modelsMoved)
        {
            foreach (var model in _boundary!.Snapshot!.Models)
                model.Restore();
        }

        _parts.Memory.Restore(_boundary!.Plugins);
        _modelsMoved = false;
        return true;
    }

    /// <summary>Makes sure that the last boundary has its copy; call when there is room for a save.</summary>
    public void Copy()
    {
        if (_boundary is { Snapshot: null } boundary)
            _boundary = boundary with { Snapshot = _buffers.TryCapture(_models) ?? throw new InvalidOperationException("The memory for snapshots is in use.") };
    }

    /// <summary>Records that the last boundary is being saved.</summary>
    public void SavedAs(string? checkpointId) => _boundary = _boundary! with { State = _boundary.State with { LastCheckpoint = checkpointId } };

    /// <summary>Adds the time that passed since a timestamp to that for which saves held up training.</summary>
    public void HeldUpSince(long timestamp) => _boundary = _boundary! with
    {
        State = _boundary.State with { HeldUpSeconds = _boundary.State.HeldUpSeconds + _time.GetElapsedTime(timestamp).TotalSeconds },
    };

    public void Dispose() => _boundary?.Snapshot?.Dispose();

    /// <summary>
    /// The next boundary. There is memory for one or two copies of the models; where the checkpoint being written still needs it,
    /// the boundary goes without, rather than hold up training.
    /// </summary>
    private void Reach(TrainingState state, bool learned, Contributions metrics)
    {
        var plugins = _parts.Memory.Capture();
        var snapshot = _boundary?.Snapshot;
        if (learned)
        {
            var captured = SnapshotBuffers.Read(_models);
            var next = _buffers.TryCopy(captured);
            _boundary = _boundary is null ? null : _boundary with { Snapshot = null };
            snapshot?.Dispose();
            snapshot = next ?? _buffers.TryCopy(captured);
        }

        _boundary = new(state, snapshot, plugins, metrics) { ConfigChanges = _boundary?.ConfigChanges ?? [] };
        _modelsMoved = false;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Training;

/// <summary>
/// Trains the models of a configuration together: episode after episode they play, learn, and are saved as the policies decide.
/// Training can stop at any moment, by choice or by accident, and goes on from the newest checkpoint to the same bits.
/// </summary>
public sealed class MultiModelTrainer : IAsyncDisposable
{
    private readonly RunParts _parts;
    private readonly HostServices _services;
    private readonly ILogger _logger;
    private readonly EpisodePlayer _player;
    private readonly Learner _learner;
    private readonly SnapshotPool _snapshots;
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<SavedCheckpoint>> _requests = new();
    private volatile Boundary? _boundary;
    private bool _training;

    /// <summary>Whether the models and plugins have left the last boundary without reaching another.</summary>
    private bool _partWay;

    private MultiModelTrainer(MultiModelConfig config, RunParts parts, HostServices services)
    {
        Config = config;
        _parts = parts;
        _services = services;
        _logger = services.Loggers.CreateLogger<MultiModelTrainer>();
        _player = new(parts.Models, parts.Environments, parts.Together, config.Training);
        _learner = new(parts.Models, config.Training);
        _snapshots = new([.. parts.Models.Select(slot => (slot.Id, slot.Model))]);
        _parts.Checkpoints.Saved += saved => CheckpointSaved?.Invoke(saved);
    }

    /// <summary>The configuration.</summary>
    public MultiModelConfig Config { get; }

    /// <summary>Where the checkpoints lie, as their storage says it.</summary>
    public string CheckpointLocation => _parts.Checkpoints.Location;

    /// <summary>The episodes completed.</summary>
    public long CurrentEpisode => _boundary?.State.Episode ?? 0;

    /// <summary>The models' statistics, in the order of the configuration; empty before training or loading.</summary>
    public IReadOnlyList<ModelState> ModelStates => _boundary is { } boundary ? boundary.State.Models : [];

    /// <summary>The run's checkpoints, newest first.</summary>
    public IReadOnlyList<SavedCheckpoint> Checkpoints => [.. _parts.Checkpoints.Checkpoints.Select(record => record.Saved)];

    private bool IsFinished => CurrentEpisode >= Config.Training.MaxEpisodes && Checkpoints is [{ Final: true }, ..];

    /// <summary>Told after every episode, on the training thread.</summary>
    public event Action<EpisodeReport>? EpisodeCompleted;

    /// <summary>Told when a checkpoint has become durable, on a background thread.</summary>
    public event Action<SavedCheckpoint>? CheckpointSaved;

    /// <summary>Told, in a sentence, of what a person would want to know: where training goes on from, what was damaged.</summary>
    public event Action<string>? Notice;

    /// <summary>Creates a trainer: finds the plugins and creates the models. Writes nothing.</summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    public static async Task<MultiModelTrainer> CreateAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        services ??= new();
        return new(config, await RunParts.CreateAsync(config, services, cancellationToken).ConfigureAwait(false), services);
    }

    /// <summary>
    /// Trains until <see cref="TrainingOptions.MaxEpisodes"/>, first going on from the newest whole checkpoint of the directory
    /// unless one has been loaded. Cancelling saves the last episode boundary and returns.
    /// </summary>
    /// <exception cref="ConfigurationException">The directory cannot be written, holds another run, or does not fit the models.</exception>
    /// <exception cref="DamagedCheckpointException">The directory holds checkpoints, and every one is damaged.</exception>
    /// <exception cref="TrainingFailedException">Something failed; the last good episode boundary has been saved where possible.</exception>
    public async Task<TrainingResult> TrainAsync(CancellationToken cancellationToken = default)
    {
        EnterTraining();
        try
        {
            return await TrainFromHereAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            LeaveTraining();
        }
    }

    /// <summary>
    /// Takes a checkpoint. While training, it is taken at the next episode boundary; otherwise now.
    /// </summary>
    /// <param name="final">Whether the run counts as finished.</param>
    /// <returns>The checkpoint, once it is durable.</returns>
    /// <exception cref="InvalidOperationException">Nothing has been trained or loaded yet.</exception>
    public Task<SavedCheckpoint> SaveCheckpointAsync(bool final = false)
    {
        lock (_gate)
        {
            if (_boundary is null)
                throw new InvalidOperationException("There is nothing to save yet: train or load a checkpoint first.");
            if (_training && final)
                throw new InvalidOperationException("A final checkpoint cannot be asked for while training; cancel training first.");
            if (_training)
            {
                var request = new TaskCompletionSource<SavedCheckpoint>(TaskCreationOptions.RunContinuationsAsynchronously);
                _requests.Enqueue(request);
                return request.Task;
            }
        }

        return SaveAsync("asked for", ["manual"], final);
    }

    /// <summary>Puts all models, plugins and statistics in the state of a checkpoint. Not while training.</summary>
    /// <exception cref="KeyNotFoundException">There is no checkpoint of that id.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written; the models are then in no particular state.</exception>
    /// <exception cref="ConfigurationException">It does not fit the configuration.</exception>
    public async Task LoadCheckpointAsync(string id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_training)
                throw new InvalidOperationException("A checkpoint cannot be loaded while training.");
        }

        await RestoreAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        _boundary?.Snapshot.Dispose();
    }

    private async Task<TrainingResult> TrainFromHereAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Result(TrainingOutcome.Interrupted, Checkpoints is [var newest, ..] ? newest : null);
        }

        if (IsFinished)
            return Result(TrainingOutcome.AlreadyFinished, Checkpoints[0]);
        try
        {
            while (CurrentEpisode < Config.Training.MaxEpisodes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await PlayEpisodeAsync(cancellationToken).ConfigureAwait(false);
                await _parts.Checkpoints.SurfaceFailureAsync().ConfigureAwait(false);
                await SaveAsAskedAsync().ConfigureAwait(false);
            }

            return Result(TrainingOutcome.Finished, await SaveAsync("training is finished", [], final: true).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Result(TrainingOutcome.Interrupted, await InterruptAsync().ConfigureAwait(false));
        }
        catch (Exception e)
        {
            throw await FailAsync(e).ConfigureAwait(false);
        }
    }

    private void EnterTraining()
    {
        lock (_gate)
        {
            if (_training)
                throw new InvalidOperationException("This trainer is training already.");
            _training = true;
        }
    }

    private void LeaveTraining()
    {
        lock (_gate)
        {
            _training = false;
            while (_requests.TryDequeue(out var request))
                request.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task RestoreAsync(string id, CancellationToken cancellationToken)
    {
        var stored = await StoredRun.OpenAsync(id, _parts, Config, cancellationToken).ConfigureAwait(false);
        _partWay = true;
        await stored.RestoreAsync(_parts, cancellationToken).ConfigureAwait(false);
        var before = _boundary;
        _boundary = new(stored.State, _snapshots.Capture(), _parts.CapturePluginState(), stored.Metrics);
        _partWay = false;
        before?.Snapshot.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_boundary is null)
            await ResumeAsync(cancellationToken).ConfigureAwait(false);
        else if (_partWay)
            ReturnTo(_boundary);
        if (IsFinished)
            return;
        try
        {
            await _parts.Checkpoints.ProbeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw new ConfigurationException($"Checkpoints:Directory: {_parts.Checkpoints.Location} cannot be written: {e.Message}", e);
        }

        if (_boundary is not null)
            return;
        var started = _services.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var state = TrainingState.Begin($"{Config.Training.RunName}-{started}", Config.Training.Threads, _parts.Models);
        _boundary = new(state, _snapshots.Capture(), _parts.CapturePluginState(), new([], []));
    }

    private void ReturnTo(Boundary boundary)
    {
        foreach (var (slot, snapshot) in _parts.Models.Zip(boundary.Snapshot.Models))
            snapshot.RestoreTo(slot.Model);
        _parts.RestorePluginState(boundary.Plugins);
        _partWay = false;
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        foreach (var damaged in _parts.Checkpoints.Damaged)
            Notice?.Invoke($"{damaged.Message} It is set aside.");
        var records = _parts.Checkpoints.Checkpoints;
        if (Config.Checkpoints.Resume == "fresh" && (records.Count > 0 || _parts.Checkpoints.Damaged.Count > 0))
            throw new ConfigurationException($"{_parts.Checkpoints.Location} already holds {(records.Count > 0 ? $"the run '{records[0].Saved.RunId}' (newest checkpoint '{records[0].Saved.Id}')" : "damaged checkpoints")}. To start anew choose another directory with --set Checkpoints:Directory=…, or move this one away.");
        foreach (var record in records)
        {
            try
            {
                await RestoreAsync(record.Saved.Id, cancellationToken).ConfigureAwait(false);
                if (!IsFinished)
                    Notice?.Invoke($"Going on from checkpoint '{record.Saved.Id}' at episode {record.Saved.Episode}.");
                return;
            }
            catch (DamagedCheckpointException e)
            {
                _parts.Checkpoints.SetAside(e);
                Notice?.Invoke($"{e.Message} It is set aside; trying the one before it.");
            }
        }

        if (_parts.Checkpoints.Damaged is [var newest, ..])
            throw new DamagedCheckpointException($"Every checkpoint in {_parts.Checkpoints.Location} is damaged, so there is nothing to go on from. To start anew choose another directory with --set Checkpoints:Directory=…", newest);
    }

    private async Task PlayEpisodeAsync(CancellationToken cancellationToken)
    {
        var started = _services.Time.GetTimestamp();
        var before = _boundary!;
        var episode = before.State.Episode + 1;
        _partWay = true;
        var (trajectories, steps) = await _player.PlayAsync(episode, cancellationToken).ConfigureAwait(false);
        var experiences = Advantages.Compute(trajectories, _parts.Models.Count, Config.Training.Discount);
        var state = Statistics.AfterGames(before.State, trajectories, experiences, steps);
        var learns = episode % Config.Training.UpdateFrequency == 0;
        if (learns)
        {
            var reports = await _learner.UpdateAsync(
                episode, [.. state.Pending.Select(pending => (IReadOnlyList<Experience>)pending)], state.PendingReward, cancellationToken).ConfigureAwait(false);
            state = Statistics.AfterUpdate(state, reports);
        }

        state = state with { ElapsedSeconds = state.ElapsedSeconds + _services.Time.GetElapsedTime(started).TotalSeconds };
        var metrics = Contributions.Collect(state, Config.Training.MaxEpisodes, _parts.Contributors, _logger);
        var plugins = _parts.CapturePluginState();

        // The boundary before stays whole until this one is: whatever fails in between, there is one to save. Copying after every
        // update, saved or not, and two sets of buffers are the price.
        var next = new Boundary(state, learns ? _snapshots.Capture() : before.Snapshot, plugins, metrics);
        _boundary = next;
        _partWay = false;
        if (learns)
            before.Snapshot.Dispose();
        EpisodeCompleted?.Invoke(new(next.Progress(Config.Training.MaxEpisodes), state.Models));
    }

    private async Task SaveAsAskedAsync()
    {
        var boundary = _boundary!;
        var asked = new List<TaskCompletionSource<SavedCheckpoint>>();
        lock (_gate)
        {
            while (_requests.TryDequeue(out var request))
                asked.Add(request);
        }

        if (boundary.State.Episode >= Config.Training.MaxEpisodes && asked.Count == 0)
            return;
        var decision = _parts.Checkpoints.Decide(boundary.State.RunId, boundary.Progress(Config.Training.MaxEpisodes));
        if (asked.Count > 0)
            decision = (decision is { } also ? $"{also.Reason}, asked for" : "asked for", [.. decision?.Tags ?? [], "manual"]);
        if (decision is not { } save)
            return;
        try
        {
            var durable = await BeginSaveAsync(save.Reason, save.Tags, final: false).ConfigureAwait(false);
            if (asked.Count > 0)
                await CompleteAsync(asked, durable).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            asked.ForEach(request => request.TrySetException(e));
            throw;
        }
    }

    private static async Task CompleteAsync(List<TaskCompletionSource<SavedCheckpoint>> asked, Task<SavedCheckpoint> durable)
    {
        await ((Task)durable).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var request in asked)
            request.TrySetFromTask(durable);
    }

    private async Task<SavedCheckpoint> SaveAsync(string reason, ImmutableArray<string> tags, bool final)
    {
        await BeginSaveAsync(reason, tags, final).ConfigureAwait(false);
        await _parts.Checkpoints.FlushAsync().ConfigureAwait(false);
        return _parts.Checkpoints.Checkpoints.First(record => record.Saved.Id == _boundary!.State.LastCheckpoint).Saved;
    }

    private async Task<Task<SavedCheckpoint>> BeginSaveAsync(string reason, ImmutableArray<string> tags, bool final)
    {
        var boundary = _boundary!;
        var content = boundary.ToContent(_parts, Config.Training.RunName, reason, tags, final);
        var (id, durable) = await _parts.Checkpoints.BeginSaveAsync(content).ConfigureAwait(false);
        _boundary = boundary with { State = boundary.State with { LastCheckpoint = id } };
        return durable;
    }

    /// <summary>Saves the last episode boundary unless it is saved already, and as the newest: a resume begins there.</summary>
    /// <returns>The newest checkpoint; null when no episode was completed.</returns>
    private async Task<SavedCheckpoint?> SaveLastBoundaryAsync(string reason, string tag)
    {
        try
        {
            await _parts.Checkpoints.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _logger.LogError(e, "The checkpoint before the last boundary could not be saved: {Message}", e.Message);
            if (_boundary is { } unsaved)
                _boundary = unsaved with { State = unsaved.State with { LastCheckpoint = Checkpoints.FirstOrDefault(saved => saved.RunId == unsaved.State.RunId)?.Id } };
        }

        var newest = _parts.Checkpoints.Checkpoints is [var record, ..] ? record.Saved : null;
        if (_boundary is null || CurrentEpisode == 0 || (newest?.Episode == CurrentEpisode && newest.Id == _boundary.State.LastCheckpoint))
            return newest;
        return await SaveAsync(reason, [tag], final: false).ConfigureAwait(false);
    }

    private async Task<SavedCheckpoint?> InterruptAsync()
    {
        try
        {
            return await SaveLastBoundaryAsync("training was interrupted", "interrupted").ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new TrainingFailedException($"Training was interrupted after episode {CurrentEpisode}, which could not be saved: {e.Message.TrimEnd('.')}. {DescribeNewest()}", e);
        }
    }

    private async Task<TrainingFailedException> FailAsync(Exception failure)
    {
        _logger.LogError(failure, "Training failed after episode {Episode}", CurrentEpisode);
        // Some messages hold a native stack trace; the exception itself keeps it.
        var cause = failure.Message.Split('\n')[0].Trim().TrimEnd('.');
        var what = $"Training failed after episode {CurrentEpisode}: {cause}.";
        try
        {
            var saved = await SaveLastBoundaryAsync("training failed", "emergency").ConfigureAwait(false);
            return new(saved is null
                ? $"{what} No episode had been completed, so there was nothing to save."
                : $"{what} The last good episode is saved as '{saved.Id}'; mend the cause and run again to go on from there.", failure);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new($"{what} The last good episode could not be saved either: {e.Message.TrimEnd('.')}. {DescribeNewest()}", failure);
        }
    }

    private string DescribeNewest() =>
        _parts.Checkpoints.Checkpoints is [var record, ..] ? $"The newest checkpoint is '{record.Saved.Id}'." : "There is no checkpoint.";

    private TrainingResult Result(TrainingOutcome outcome, SavedCheckpoint? checkpoint) =>
        new(outcome, CurrentEpisode, checkpoint, ModelStates);
}

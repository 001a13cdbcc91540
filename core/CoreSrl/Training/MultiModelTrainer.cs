using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
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
    private readonly LiveRun _run;
    private readonly RunSaver _saver;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _toldDamaged = new(StringComparer.Ordinal);
    private bool _training;

    /// <summary>Whether the models were put to where a directory stood that was not this trainer's yet: others may have gone on since.</summary>
    private bool _looking;

    /// <summary>Where training is to go on from, and what changed since; not yet told.</summary>
    private (SavedCheckpoint From, IReadOnlyList<ConfigChange> Changes)? _untold;

    private MultiModelTrainer(MultiModelConfig config, RunParts parts, HostServices services)
    {
        Config = config;
        _parts = parts;
        _logger = services.Loggers.CreateLogger<MultiModelTrainer>();
        _run = new(config, parts, services);
        _saver = new(config, parts, _run, _logger);
        _parts.Store.Saved += saved => CheckpointSaved?.Invoke(saved);
    }

    /// <summary>The configuration.</summary>
    public MultiModelConfig Config { get; }

    /// <summary>Where the checkpoints lie, as their storage says it.</summary>
    public string CheckpointLocation => _parts.Store.Location;

    /// <summary>The episodes completed.</summary>
    public long CurrentEpisode => _run.Boundary?.State.Episode ?? 0;

    /// <summary>The models' statistics, in the order of the configuration; empty before training or loading.</summary>
    public IReadOnlyList<ModelState> ModelStates => _run.Boundary is { } boundary ? boundary.State.Models : [];

    /// <summary>The run's checkpoints, newest first.</summary>
    public IReadOnlyList<SavedCheckpoint> Checkpoints => _parts.Store.Checkpoints;

    private string? Newest => Checkpoints is [var newest, ..] ? newest.Id : null;

    private bool IsFinished => CurrentEpisode >= Config.Training.MaxEpisodes && Checkpoints is [{ Final: true }, ..];

    /// <summary>Told after every episode, on the training thread.</summary>
    public event Action<EpisodeReport>? EpisodeCompleted;

    /// <summary>Told when a checkpoint has become durable, or is in the fast tier where there is one; on a background thread.</summary>
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
    /// Trains until <see cref="TrainingOptions.MaxEpisodes"/>, first going on from where <see cref="CheckpointOptions.Resume"/> says
    /// unless a checkpoint has been loaded. Cancelling saves the last episode boundary and returns.
    /// </summary>
    /// <exception cref="ConfigurationException">The directory cannot be written, holds another run, or does not fit the models; or
    /// the checkpoint to go on from is not there.</exception>
    /// <exception cref="DamagedCheckpointException">The directory holds checkpoints, and every one is damaged: data that may yet be
    /// mended is never started over. Or the one that was chosen to go on from is.</exception>
    /// <exception cref="TrainingFailedException">Something failed; the last good episode boundary has been saved where possible.</exception>
    public async Task<TrainingResult> TrainAsync(CancellationToken cancellationToken = default)
    {
        EnterTraining();
        try
        {
            _parts.Calls.Stopping = cancellationToken;
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
    /// <returns>The checkpoint, once it is durable (in the fast tier, where there is one).</returns>
    /// <exception cref="InvalidOperationException">Nothing has been trained or loaded yet.</exception>
    public Task<SavedCheckpoint> SaveCheckpointAsync(bool final = false)
    {
        lock (_gate)
        {
            if (_run.Boundary is null)
                throw new InvalidOperationException("There is nothing to save yet: train or load a checkpoint first.");
            if (_training && final)
                throw new InvalidOperationException("A final checkpoint cannot be asked for while training; cancel training first.");
            if (_training)
                return _saver.Requests.Add();
        }

        return SaveNowAsync(final);
    }

    /// <summary>Asks, from any thread, for a checkpoint at the next episode boundary. All that ask before it get the same one.</summary>
    /// <returns>The checkpoint, once it is durable (in the fast tier, where there is one); cancelled when training ends before another episode does. Null when this trainer
    /// is not training.</returns>
    public Task<SavedCheckpoint>? RequestCheckpoint()
    {
        lock (_gate)
            return _training ? _saver.Requests.Add() : null;
    }

    /// <summary>Puts all models, plugins and statistics in the state of a checkpoint. Not while training. What is trained from there
    /// is a branch: its checkpoints are newer than all there are, and those stay until a policy removes them.</summary>
    /// <param name="choice">An id, or <c>latest</c>, <c>best</c>, <c>best:METRIC</c>, <c>final</c> or <c>episode:150</c>: the newest
    /// of each.</param>
    /// <param name="cancellationToken">Ends the work early; the models are then in no particular state.</param>
    /// <exception cref="KeyNotFoundException">There is no such checkpoint; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written; the models are then in no particular state.</exception>
    /// <exception cref="ConfigurationException">It does not fit the configuration.</exception>
    public async Task LoadCheckpointAsync(string choice, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(choice);
        lock (_gate)
        {
            if (_training)
                throw new InvalidOperationException("A checkpoint cannot be loaded while training.");
        }

        await RestoreAsync(_parts.Store.Choose(choice), cancellationToken).ConfigureAwait(false);
        _looking = false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        _run.Dispose();
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

        try
        {
            if (IsFinished)
            {
                // One that ended before all was durable is finished when it is.
                await _parts.Store.WaitUntilDurableAsync(cancellationToken).ConfigureAwait(false);
                return Result(TrainingOutcome.AlreadyFinished, Checkpoints[0]);
            }

            while (CurrentEpisode < Config.Training.MaxEpisodes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var report = await _run.PlayEpisodeAsync(cancellationToken).ConfigureAwait(false);
                EpisodeCompleted?.Invoke(report);
                await _saver.SaveIfDueAsync().ConfigureAwait(false);
            }

            var final = await _saver.SaveFinalAsync(cancellationToken).ConfigureAwait(false);
            return Result(TrainingOutcome.Finished, final) with { Verified = Config.Checkpoints.VerifyFinal };
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
            if (_parts.Calls.HasAbandoned)
                throw new InvalidOperationException("A plugin of this trainer was left behind in the middle of a call; train on with another trainer, in another process if it still runs.");
            _training = true;
        }
    }

    private void LeaveTraining()
    {
        lock (_gate)
        {
            _training = false;
            _parts.Calls.Stopping = CancellationToken.None;
            _saver.Requests.CancelAll();
        }
    }

    private async Task<SavedCheckpoint> SaveNowAsync(bool final)
    {
        _parts.Store.IsPatient = true;
        await ClaimAsync(CancellationToken.None).ConfigureAwait(false);
        return await _saver.SaveAsync("asked for", ["manual"], final).ConfigureAwait(false);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _parts.Store.IsPatient = true;
        // What does not fit is told, and a finished run seen to be one, before anything is written.
        var resumes = _looking || _run.Boundary is null;
        if (resumes)
        {
            _looking = true;
            await _parts.Store.CheckFreeAsync(cancellationToken).ConfigureAwait(false);
            await ResumeAsync(Config.Checkpoints.Resume, cancellationToken).ConfigureAwait(false);
        }

        if (IsFinished && _parts.Store.NotYetDurable.IsEmpty)
            return;
        var before = Newest;
        await ClaimAsync(cancellationToken).ConfigureAwait(false);
        var somebodySavedMeanwhile = resumes && Newest != before;
        if (somebodySavedMeanwhile || (!resumes && !_run.TryReturn()))
            await ResumeAsync(resumes ? Config.Checkpoints.Resume : "auto", cancellationToken).ConfigureAwait(false);
        _looking = false;
        if (_run.Boundary is null)
            _run.Begin();
        TellWhereFrom();
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Store.ClaimAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw new ConfigurationException($"{Config.PlaceSetting}: {e.Message}", e);
        }
    }

    /// <summary>Puts the models to where a choice says; nowhere, when there is nothing to go on from yet.</summary>
    private async Task ResumeAsync(string choice, CancellationToken cancellationToken)
    {
        var store = _parts.Store;
        foreach (var damaged in store.Damaged.Where(damaged => _toldDamaged.Add(damaged.CheckpointId)))
            Notice?.Invoke($"{damaged.Message} It is set aside.");
        var checkpoints = store.Checkpoints;
        if (choice is not ("auto" or "fresh"))
        {
            await ResumeChosenAsync(choice, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (choice == "fresh" && (checkpoints.Length > 0 || store.Damaged.Length > 0))
            throw new ConfigurationException($"{store.Location} already holds {(checkpoints.Length > 0 ? $"the run '{checkpoints[0].RunId}' (newest checkpoint '{checkpoints[0].Id}')" : "damaged checkpoints")}. To start anew {Elsewhere}, or move this one away.");
        while (store.Checkpoints is [var saved, ..])
        {
            try
            {
                await RestoreAsync(saved, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (DamagedCheckpointException e)
            {
                store.SetAside(e);
                _toldDamaged.Add(e.CheckpointId);
                Notice?.Invoke($"{e.Message} It is set aside; trying the one before it.");
            }
        }

        if (store.Damaged is [_, ..] all)
            throw DamagedCheckpointException.OfAll(store.Location, all, Elsewhere);
    }

    private string Elsewhere => Config.PlaceSetting is "Checkpoints:Directory" ? "choose another directory with --set Checkpoints:Directory=…" : "choose another Checkpoints:Storage";

    /// <summary>Who names a checkpoint wants that one: there is no other to fall back to.</summary>
    private async Task ResumeChosenAsync(string choice, CancellationToken cancellationToken)
    {
        try
        {
            await RestoreAsync(_parts.Store.Choose(choice, "auto", "fresh"), cancellationToken).ConfigureAwait(false);
        }
        catch (KeyNotFoundException e)
        {
            throw new ConfigurationException($"Checkpoints:Resume: {e.Message}", e);
        }
        catch (DamagedCheckpointException e)
        {
            throw new DamagedCheckpointException($"{e.Message} It was chosen by Checkpoints:Resume={choice}; choose another, or auto for the newest whole one.", e);
        }
    }

    private async Task RestoreAsync(SavedCheckpoint from, CancellationToken cancellationToken) =>
        _untold = (from, await _parts.Store.UseAsync(
            from.Id,
            () => _run.RestoreAsync(from.Id, cancellationToken),
            (damage, where) => Notice?.Invoke($"{damage.Message} It is set aside; trying its copy in {where}.")).ConfigureAwait(false));

    private void TellWhereFrom()
    {
        if (_untold is not var (from, changes))
            return;
        _untold = null;
        Notice?.Invoke($"Going on from checkpoint '{from.Id}' at episode {from.Episode}.");
        if (Checkpoints.TakeWhile(saved => saved.Id != from.Id).ToList() is [var newest, ..] newer)
            Notice?.Invoke($"{(newer.Count == 1 ? "A newer checkpoint stays behind," : $"{newer.Count} newer checkpoints stay behind, the last of them")} '{newest.Id}' of episode {newest.Episode}; what is saved from here on is newer still.");
        if (changes.Count > 0)
            Notice?.Invoke($"Changed since that checkpoint, and recorded: {string.Join(", ", changes)}.");
    }

    private async Task<SavedCheckpoint?> InterruptAsync()
    {
        try
        {
            var saved = await _saver.SaveLastBoundaryAsync("training was interrupted", "interrupted").ConfigureAwait(false);
            if (CurrentEpisode < Config.Training.MaxEpisodes)
                await TryWaitUntilDurableAsync().ConfigureAwait(false);
            else if (_parts.Store.NotYetDurable is [_, ..] waiting) // It was the waiting for this that was interrupted.
                Notice?.Invoke($"Not durable yet, and copied by the next start: {string.Join(", ", waiting.Select(one => $"'{one.Id}'"))}.");
            return saved;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new TrainingFailedException($"Training was interrupted after episode {CurrentEpisode}, which could not be saved: {e.Message.TrimEnd('.')}.{DescribeNewest(e)}", e);
        }
    }

    private async Task TryWaitUntilDurableAsync()
    {
        try
        {
            await _parts.Store.WaitUntilDurableAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Notice?.Invoke(e.Message);
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
            var saved = await _saver.SaveLastBoundaryAsync("training failed", "emergency", failure).ConfigureAwait(false);
            return new(saved switch
            {
                null => $"{what} No episode had been completed, so there was nothing to save.",
                _ when saved.Episode == CurrentEpisode => $"{what} The last good episode is saved as '{saved.Id}'; mend the cause and run again to go on from there.",
                _ => $"{what} The newest checkpoint is '{saved.Id}', of episode {saved.Episode}; mend the cause and run again to go on from there.",
            }, failure);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var why = IsSame(e, failure) ? "for the same reason" : $"either: {e.Message.TrimEnd('.')}";
            return new($"{what} The last good episode could not be saved {why}.{DescribeNewest(e)}", failure);
        }
    }

    /// <summary>Whether two failures have one cause. The messages of a full disk differ, in their keys and names of temporary files.</summary>
    private static bool IsSame(Exception one, Exception other) => one.Message == other.Message
        || (one is StorageException { InnerException: IOException or UnauthorizedAccessException } && other is StorageException
            && one.InnerException.GetType() == other.InnerException?.GetType() && one.InnerException.HResult == other.InnerException.HResult);

    /// <summary>In a directory that was lost it is not known any more.</summary>
    private string DescribeNewest(Exception failure) => failure is ClaimLostException ? ""
        : Checkpoints is [var newest, ..] ? $" The newest checkpoint is '{newest.Id}'."
        : " There is no checkpoint.";

    private TrainingResult Result(TrainingOutcome outcome, SavedCheckpoint? checkpoint) =>
        new(outcome, CurrentEpisode, checkpoint, ModelStates);
}

using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Training;

/// <summary>Saves the boundaries of a run: as the policies decide, as somebody asks, and when training ends for whatever reason.</summary>
internal sealed class RunSaver(MultiModelConfig config, RunParts parts, LiveRun run, ILogger logger)
{
    private readonly ICheckpointStore _store = parts.Store;

    /// <summary>Checkpoints asked for while training.</summary>
    public SaveRequests Requests { get; } = new();

    private long Episode => run.Boundary!.State.Episode;

    /// <summary>Saves the last boundary if a policy or a person wants it; whether there is a final one is not a policy's to decide.</summary>
    public async Task SaveIfDueAsync()
    {
        _store.SurfaceFailure();
        var asked = Requests.TakeAll();
        if (Episode >= config.Training.MaxEpisodes && asked.Count == 0)
            return;
        var decision = Decide();
        if (asked.Count > 0)
            decision = (decision is { } also ? $"{also.Reason}, asked for" : "asked for", [.. decision?.Tags ?? [], "manual"]);
        if (decision is not { } save)
            return;
        var began = run.Timestamp();
        try
        {
            if (!await _store.MakeRoomAsync(Episode, urgent: asked.Count > 0).ConfigureAwait(false))
                return;
            var durable = Begin(save.Reason, save.Tags, final: false);
            if (asked.Count > 0 || !config.Checkpoints.Asynchronous)
                await CompleteAsync(asked, durable).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            SaveRequests.Fail(asked, e);
            throw;
        }
        finally
        {
            run.HeldUpSince(began);
        }
    }

    /// <summary>Saves the last boundary and waits until it is durable.</summary>
    public async Task<SavedCheckpoint> SaveAsync(string reason, ImmutableArray<string> tags, bool final)
    {
        await _store.FlushAsync().ConfigureAwait(false);
        await _store.MakeRoomAsync(Episode, urgent: true).ConfigureAwait(false);
        var durable = Begin(reason, tags, final);
        await _store.FlushAsync().ConfigureAwait(false);
        return await durable.ConfigureAwait(false);
    }

    /// <summary>Saves the last boundary as the end of the run, with the tags of the policies that would have it, and, unless that is
    /// turned off, reads it back; waits until it is where it is to stay.</summary>
    /// <exception cref="DamagedCheckpointException">What was read back is not what was written; it is set aside.</exception>
    public async Task<SavedCheckpoint> SaveFinalAsync(CancellationToken cancellationToken)
    {
        var wanted = Decide();
        var saved = await SaveAsync("training is finished", wanted?.Tags ?? [], final: true).ConfigureAwait(false);
        if (config.Checkpoints.VerifyFinal && await FindDamageAsync(saved.Id, cancellationToken).ConfigureAwait(false) is { } damage)
        {
            _store.SetAside(damage);
            throw new DamagedCheckpointException($"The final checkpoint was read back and is not what was written: {damage.Message} It is set aside", damage);
        }

        await _store.WaitUntilDurableAsync(cancellationToken).ConfigureAwait(false);

        return saved;
    }

    /// <summary>Saves the last boundary unless it is saved already, and as the newest: a resume begins there. An outage that was waited
    /// for is not waited for again, here and until training goes on.</summary>
    /// <param name="reason">Why it is saved.</param>
    /// <param name="tag">The same in a word.</param>
    /// <param name="failure">What ended training, if anything failed.</param>
    /// <returns>The newest checkpoint; null when no episode was completed.</returns>
    public async Task<SavedCheckpoint?> SaveLastBoundaryAsync(string reason, string tag, Exception? failure = null)
    {
        _store.IsPatient = !IsOutage(failure);
        try
        {
            await _store.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogWarning(e, "The checkpoint before the last boundary could not be saved: {Message}", e.Message);
            _store.IsPatient &= !IsOutage(e);
        }

        var newest = _store.Checkpoints is [var saved, ..] ? saved : null;
        if (run.Boundary is null || Episode == 0 || (newest?.Episode == Episode && newest.Id == run.Boundary.State.LastCheckpoint))
            return newest;
        return run.CanSave ? await SaveAsync(reason, [tag], final: false).ConfigureAwait(false) : newest;
    }

    /// <summary>Asks the policies. One that throws was taken as no; one that hangs ends the run, here or at the boundary after.</summary>
    private (string Reason, ImmutableArray<string> Tags)? Decide()
    {
        var decision = _store.Decide(run.Boundary!.State.RunId, run.Boundary.Progress(config.Training.MaxEpisodes));
        parts.Calls.ThrowIfHung();
        return decision;
    }

    private static bool IsOutage(Exception? failure) => failure is StorageException { Kind: StorageErrorKind.Transient };

    private async Task<DamagedCheckpointException?> FindDamageAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var reader = await _store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
            return (await reader.VerifyAsync([], cancellationToken).ConfigureAwait(false)) is [var first, ..] ? first : null;
        }
        catch (DamagedCheckpointException e)
        {
            return e;
        }
    }

    private Task<SavedCheckpoint> Begin(string reason, ImmutableArray<string> tags, bool final)
    {
        run.Copy();
        var (id, durable) = _store.BeginSave(run.Boundary!.ToContent(parts, config.Training.RunName, reason, tags, final));
        run.SavedAs(id);
        return durable;
    }

    private async Task CompleteAsync(IReadOnlyList<TaskCompletionSource<SavedCheckpoint>> asked, Task<SavedCheckpoint> durable)
    {
        await ((Task)durable).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (durable.Exception is { InnerException: { } failure })
            SaveRequests.Fail(asked, failure);
        foreach (var request in asked)
            request.TrySetFromTask(durable);
        if (!config.Checkpoints.Asynchronous)
            await _store.FlushAsync().ConfigureAwait(false);
    }
}

using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>
/// The right to write to a directory. It is an object that is only ever replaced "if unchanged", so of several processes one has it;
/// what its holder is about to write or delete is announced in it first. A process that lost it therefore notices before it
/// begins a checkpoint, and one that it had begun is known by name to whoever took over.
/// </summary>
internal sealed class DirectoryClaim : IAsyncDisposable
{
    /// <summary>A holder elsewhere that has not been heard of for so long counts as dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How often a holder lets itself be heard of.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly ICheckpointStorage _storage;
    private readonly string _place;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ITimer _heart;
    private volatile ClaimRecord _record;
    private string _etag;
    private volatile ClaimLostException? _lost;

    private DirectoryClaim(ICheckpointStorage storage, string place, ClaimRecord record, string etag, TimeProvider time, ILogger logger)
    {
        _storage = storage;
        _place = place;
        _time = time;
        _record = record;
        _etag = etag;
        _logger = logger;
        _heart = time.CreateTimer(_ => _ = BeatAsync(), null, Heartbeat, Heartbeat);
    }

    /// <summary>What was announced, by this process or those before it, and is not settled.</summary>
    public ImmutableArray<string> Pending => _record.Pending;

    /// <summary>Of what is pending, the checkpoints that are being removed.</summary>
    public ImmutableArray<string> Removing => _record.Removing;

    /// <summary>What a process that may yet live may still write, commit or remove.</summary>
    public ImmutableArray<string> Doubtful => _record.Doubtful;

    /// <summary>Why the directory is no longer this process's own, as far as has been noticed.</summary>
    public ClaimLostException? Lost => _lost;

    /// <summary>Sees whether a process of this machine has the directory; writes nothing.</summary>
    /// <param name="storage">The directory.</param>
    /// <param name="place">What it is called in advice to choose another.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the look early.</param>
    /// <exception cref="DirectoryInUseException">One has.</exception>
    public static async Task CheckFreeAsync(ICheckpointStorage storage, string place, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await ClaimFile.ReadAsync(storage, cancellationToken).ConfigureAwait(false) is (_, { Released: false, Holder.IsAlive: true } claim))
            throw InUse(storage, place, claim, time, "");
    }

    /// <summary>Takes the directory, if nobody has it.</summary>
    /// <param name="storage">The directory.</param>
    /// <param name="runName">The run it is for.</param>
    /// <param name="place">What it is called in advice to choose another.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what goes wrong without stopping anything.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="DirectoryInUseException">Somebody has it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static async Task<DirectoryClaim> TakeAsync(
        ICheckpointStorage storage, string runName, string place, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var own = new ClaimRecord { Id = Guid.NewGuid().ToString("N"), RunName = runName, Holder = ProcessIdentity.Own, Claimed = time.GetUtcNow() };
        while (true)
        {
            var found = await ClaimFile.ReadAsync(storage, cancellationToken).ConfigureAwait(false);
            if (found is (var written, { } mine) && mine.Id == own.Id)
                return new(storage, place, mine, written.ETag, time, logger); // The answer to the write was lost.
            if (found is (var info, var held))
                await CheckFreeAsync(storage, place, info, held, time, cancellationToken).ConfigureAwait(false);
            var record = found?.Record?.BequeathTo(own) ?? own;
            try
            {
                var condition = found is null ? WriteCondition.IfAbsent : WriteCondition.IfUnchanged(found.Value.Info.ETag);
                var taken = await WriteAsync(storage, CheckpointLayout.Claim, record.ToFile(), condition, cancellationToken).ConfigureAwait(false);
                return new(storage, place, record, taken.ETag, time, logger);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
            {
                // Somebody else was quicker: see who.
            }
        }
    }

    /// <summary>Announces what is about to be written or deleted; fails when the directory belongs to somebody else by now.</summary>
    /// <exception cref="ClaimLostException">It does: nothing must be written.</exception>
    /// <exception cref="StorageException">The claim cannot be written.</exception>
    public Task AnnounceAsync(IReadOnlyCollection<string> pending, CancellationToken cancellationToken) =>
        RewriteAsync(record => record.Announce(pending), cancellationToken);

    /// <summary>Announces the checkpoints that are about to be removed, and the base weights that may go with them.</summary>
    /// <exception cref="ClaimLostException">As for <see cref="AnnounceAsync"/>.</exception>
    /// <exception cref="StorageException">As for <see cref="AnnounceAsync"/>.</exception>
    public Task AnnounceRemovalAsync(IReadOnlyCollection<string> checkpoints, IEnumerable<string> baseWeights, CancellationToken cancellationToken) =>
        RewriteAsync(record => record.Announce(checkpoints.Concat(baseWeights)) with { Removing = [.. checkpoints] }, cancellationToken);

    /// <summary>Looks whether the directory is still this process's own; writes nothing.</summary>
    /// <exception cref="ClaimLostException">It is not.</exception>
    /// <exception cref="StorageException">The claim cannot be read.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_lost is not null)
                throw _lost;
            if ((await _storage.StatAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false))?.ETag != _etag)
                await RecognizeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What was announced is done, and left nothing half-way. The claim says so when it is next written.</summary>
    public Task SettleAsync(IReadOnlyCollection<string> done) => RememberAsync(record => record.Settle(done));

    /// <summary>The doubt about all others is over. The claim says so when it is next written.</summary>
    public Task DoubtOnlyAsync(IReadOnlyCollection<string> doubtful) => RememberAsync(record => record with { Doubtful = [.. doubtful] });

    /// <summary>Gives the directory free; what is still pending stays on record for the next one. A storage that does not answer is not
    /// asked for longer than it takes until the claim counts for nothing by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _heart.DisposeAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Patience, _time);
        try
        {
            if (_lost is null && !_record.Released)
                await RewriteAsync(record => record with { Released = true }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or ClaimLostException or OperationCanceledException)
        {
            _logger.LogWarning(e, "The claim on {Location} could not be released: {Message}", _storage.Location, e.Message);
        }
    }

    /// <summary>The first write to a directory: where it fails, no other will succeed.</summary>
    private static async Task<ObjectInfo> WriteAsync(
        ICheckpointStorage storage, string key, byte[] content, WriteCondition condition, CancellationToken cancellationToken)
    {
        try
        {
            return await storage.WriteAsync(key, new(content), condition, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind != StorageErrorKind.PreconditionFailed)
        {
            throw new StorageException(e.Kind, e.Key, $"{storage.Location} cannot be written: {e.Message.TrimEnd('.')}. Choose another directory, or open this one only to look.", e);
        }
    }

    private static async Task CheckFreeAsync(
        ICheckpointStorage storage, string place, ObjectInfo found, ClaimRecord? claim, TimeProvider time, CancellationToken cancellationToken)
    {
        if (claim is { Released: true })
            return;
        switch (claim?.Holder.IsAlive)
        {
            case true: throw InUse(storage, place, claim, time, "");
            case false: return;
            default: break; // Only its silence tells.
        }

        // Both times are the storage's own, so it does not matter whose clock is wrong.
        const string key = "claim-check";
        var now = await WriteAsync(storage, key, "now"u8.ToArray(), WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        var silent = now.Modified - found.Modified;
        if (silent >= Patience)
            return;
        var left = Patience - silent;
        var remedy = left <= 2 * Patience
            ? $"try again in {left.TotalSeconds:F0} s"
            : $"delete {storage.Location}/{CheckpointLayout.Claim}, which is dated {Age(-silent)} ahead of the clock"; // It was set back.
        throw claim is null
            ? new DirectoryInUseException($"{storage.Location}/{CheckpointLayout.Claim} is no claim that this program can read, so somebody may be writing there. If nobody is, {remedy}.")
            : InUse(storage, place, claim, time, $" If that process has died, {remedy}.");
    }

    private static DirectoryInUseException InUse(ICheckpointStorage storage, string place, ClaimRecord claim, TimeProvider time, string more) => new(
        $"{storage.Location} is in use by {claim.Holder}, which has held it for {Age(time.GetUtcNow() - claim.Claimed)} (run '{claim.RunName}'). Stop that one first, or choose another {place}.{more}");

    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "less than a second",
        { TotalMinutes: < 2 } => $"{age.TotalSeconds:F0} s",
        { TotalHours: < 2 } => $"{age.TotalMinutes:F0} min",
        { TotalDays: < 2 } => $"{age.TotalHours:F0} h",
        _ => $"{age.TotalDays:F0} days",
    };

    /// <summary>Writes the claim anew, with a change that counts once it is written.</summary>
    private async Task RewriteAsync(Func<ClaimRecord, ClaimRecord> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await RewriteUnderGateAsync(change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RewriteUnderGateAsync(Func<ClaimRecord, ClaimRecord> change, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_record.Released, this);
        if (_lost is not null)
            throw _lost;
        var record = change(_record) with { Version = _record.Version + 1 };
        for (var again = false; ; again = true)
        {
            try
            {
                var info = await _storage.WriteAsync(
                    CheckpointLayout.Claim, new(record.ToFile()), WriteCondition.IfUnchanged(_etag), cancellationToken).ConfigureAwait(false);
                (_record, _etag) = (record, info.ETag);
                return;
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed && !again)
            {
                await RecognizeAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RememberAsync(Func<ClaimRecord, ClaimRecord> change)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _record = change(_record);
        _gate.Release();
    }

    /// <summary>
    /// The claim is not the version that was last heard of. It may still be this one: a write whose answer was lost or not waited for
    /// changes it too, and so does a copying program that touches the file.
    /// </summary>
    /// <exception cref="ClaimLostException">It is somebody else's, or gone.</exception>
    private async Task RecognizeAsync(CancellationToken cancellationToken)
    {
        var found = await ClaimFile.ReadAsync(_storage, cancellationToken).ConfigureAwait(false);
        var now = found?.Record;
        if (now?.Id == _record.Id)
        {
            _etag = found!.Value.Info.ETag;
            return;
        }

        var what = found is null
            ? $"The claim on {_storage.Location} is gone: the directory was deleted, emptied or moved away while it was in use; if it was moved, move it back"
            : now is null
                ? $"{_storage.Location} may be another's by now: its {CheckpointLayout.Claim} was replaced by something that is no claim"
                : $"{_storage.Location} was taken over by {now.Holder}, as this process had not been heard of for more than {Patience.TotalSeconds:F0} s";
        throw _lost = new($"{what}. Nothing more is saved there by this process; run again to go on from the newest checkpoint, or choose another {_place}.");
    }

    private async Task BeatAsync()
    {
        if (!await _gate.WaitAsync(0).ConfigureAwait(false))
            return; // It is being written just now: that is a sign of life, too.
        try
        {
            if (_lost is null && !_record.Released)
                await RewriteUnderGateAsync(record => record, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A loss is told by the next save; anything else may be over by the next beat.
            _logger.LogWarning(e, "The claim on {Location} could not be renewed: {Message}", _storage.Location, e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }
}

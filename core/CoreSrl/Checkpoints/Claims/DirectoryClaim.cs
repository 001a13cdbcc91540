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
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _pending = new(StringComparer.Ordinal);
    private readonly ITimer _heart;
    private ClaimRecord _record;
    private string _etag;
    private volatile ClaimLostException? _lost;

    private DirectoryClaim(ICheckpointStorage storage, ClaimRecord record, string etag, TimeProvider time, ILogger logger)
    {
        _storage = storage;
        _record = record;
        _etag = etag;
        _logger = logger;
        (Inherited, Doubtful) = (record.Pending, record.Doubtful);
        _pending.UnionWith(record.Pending);
        _heart = time.CreateTimer(_ => _ = BeatAsync(), null, Heartbeat, Heartbeat);
    }

    /// <summary>What those before had announced and not settled.</summary>
    public IReadOnlyList<string> Inherited { get; }

    /// <summary>What of it must be forestalled first, as whoever announced it may yet live.</summary>
    public IReadOnlyList<string> Doubtful { get; }

    /// <summary>Why the directory is no longer this process's own, as far as has been noticed.</summary>
    public ClaimLostException? Lost => _lost;

    /// <summary>Sees whether a process of this machine has the directory; writes nothing.</summary>
    /// <exception cref="DirectoryInUseException">One has.</exception>
    public static async Task CheckFreeAsync(ICheckpointStorage storage, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await storage.ReadAllAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false) is { } found
            && ClaimRecord.Parse(found.Content.Span) is { Released: false, Holder.IsAlive: true } claim)
            throw InUse(storage, claim, time, "");
    }

    /// <summary>Takes the directory, if nobody has it.</summary>
    /// <exception cref="DirectoryInUseException">Somebody has it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static async Task<DirectoryClaim> TakeAsync(
        ICheckpointStorage storage, string runName, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await storage.ReadAllAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false);
            var before = found is null ? null : ClaimRecord.Parse(found.Content.Span);
            if (found is not null)
                await CheckFreeAsync(storage, found, before, time, cancellationToken).ConfigureAwait(false);
            var record = new ClaimRecord
            {
                Id = Guid.NewGuid().ToString("N"),
                RunName = runName,
                Holder = ProcessIdentity.Own,
                Claimed = time.GetUtcNow(),
                Pending = before?.Pending ?? [],
                Doubtful = before is null ? [] : before.Released || before.Holder.IsAlive is false ? before.Doubtful : before.Pending,
            };
            try
            {
                var condition = found is null ? WriteCondition.IfAbsent : WriteCondition.IfUnchanged(found.Info.ETag);
                var info = await storage.WriteAsync(CheckpointLayout.Claim, new(record.ToFile()), condition, cancellationToken).ConfigureAwait(false);
                return new(storage, record, info.ETag, time, logger);
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
    public async Task AnnounceAsync(IReadOnlyCollection<string> pending, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _pending.UnionWith(pending);
            await RewriteAsync(released: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

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
    public async Task SettleAsync(IEnumerable<string> done)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _pending.ExceptWith(done);
        _gate.Release();
    }

    /// <summary>Gives the directory free; what is still pending stays on record for the next one.</summary>
    public async ValueTask DisposeAsync()
    {
        await _heart.DisposeAsync().ConfigureAwait(false);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_lost is null)
                await RewriteAsync(released: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or ClaimLostException)
        {
            _logger.LogWarning(e, "The claim on {Location} could not be released: {Message}", _storage.Location, e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task CheckFreeAsync(
        ICheckpointStorage storage, StoredObject found, ClaimRecord? claim, TimeProvider time, CancellationToken cancellationToken)
    {
        if (claim is { Released: true })
            return;
        switch (claim?.Holder.IsAlive)
        {
            case true: throw InUse(storage, claim, time, "");
            case false: return;
            default: break; // Only its silence tells.
        }

        // Both times are the storage's own, so it does not matter whose clock is wrong.
        const string key = "claim-check";
        var now = await storage.WriteAsync(key, new("now"u8.ToArray()), WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        await storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        var silent = now.Modified - found.Info.Modified;
        if (silent >= Patience)
            return;
        var left = Patience - silent;
        var remedy = left <= 2 * Patience
            ? $"try again in {left.TotalSeconds:F0} s"
            : $"delete {storage.Location}/{CheckpointLayout.Claim}, which is dated {Age(-silent)} ahead of the clock"; // It was set back.
        throw claim is null
            ? new DirectoryInUseException($"{storage.Location}/{CheckpointLayout.Claim} is no claim that this program can read, so somebody may be writing there. If nobody is, {remedy}.")
            : InUse(storage, claim, time, $" If that process has died, {remedy}.");
    }

    private static DirectoryInUseException InUse(ICheckpointStorage storage, ClaimRecord claim, TimeProvider time, string more) => new(
        $"{storage.Location} is in use by {claim.Holder}, which has held it for {Age(time.GetUtcNow() - claim.Claimed)} (run '{claim.RunName}'). Stop that one first, or choose another Checkpoints:Directory.{more}");

    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "less than a second",
        { TotalMinutes: < 2 } => $"{age.TotalSeconds:F0} s",
        { TotalHours: < 2 } => $"{age.TotalMinutes:F0} min",
        { TotalDays: < 2 } => $"{age.TotalHours:F0} h",
        _ => $"{age.TotalDays:F0} days",
    };

    private async Task RewriteAsync(bool released, CancellationToken cancellationToken)
    {
        if (_lost is not null)
            throw _lost;
        var record = _record with
        {
            Version = _record.Version + 1,
            Released = released,
            Pending = [.. _pending.Order(StringComparer.Ordinal)],
            Doubtful = [.. _record.Doubtful.Where(_pending.Contains)],
        };
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

    /// <summary>
    /// The claim is not the version that was last heard of. It may still be this one: a write whose answer was lost or not waited for
    /// changes it too, and so does a copying program that touches the file.
    /// </summary>
    /// <exception cref="ClaimLostException">It is somebody else's, or gone.</exception>
    private async Task RecognizeAsync(CancellationToken cancellationToken)
    {
        var found = await _storage.ReadAllAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false);
        var now = found is null ? null : ClaimRecord.Parse(found.Content.Span);
        if (now?.Id == _record.Id)
        {
            _etag = found!.Info.ETag;
            return;
        }

        var what = found is null
            ? $"The claim on {_storage.Location} is gone: the directory was deleted, emptied or moved away while it was in use; if it was moved, move it back"
            : now is null
                ? $"{_storage.Location} may be another's by now: its {CheckpointLayout.Claim} was replaced by something that is no claim"
                : $"{_storage.Location} was taken over by {now.Holder}, as this process had not been heard of for more than {Patience.TotalSeconds:F0} s";
        throw _lost = new($"{what}. Nothing more is saved there by this process; run again to go on from the newest checkpoint, or choose another Checkpoints:Directory.");
    }

    private async Task BeatAsync()
    {
        if (!await _gate.WaitAsync(0).ConfigureAwait(false))
            return; // It is being written just now: that is a sign of life, too.
        try
        {
            if (_lost is null && !_record.Released)
                await RewriteAsync(released: false, CancellationToken.None).ConfigureAwait(false);
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

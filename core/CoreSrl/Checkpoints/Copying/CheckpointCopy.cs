using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Copying;

/// <summary>
/// Copies checkpoints to another directory, the base weights before the checkpoints that refer to them, the data before the metadata:
/// what is listed there is whole, at every moment. What a copy that ended early had written is gone on with.
/// </summary>
/// <param name="source">Where from.</param>
/// <param name="destination">Where to.</param>
/// <param name="progress">Told how far it is; null for nobody.</param>
/// <param name="whole">Base weights, by key, that were seen whole there and need not be read again; those of this copy join them.</param>
/// <remarks>The source is only read. The destination is claimed like any directory that is written to.</remarks>
internal sealed class CheckpointCopy(ICheckpointStore source, CheckpointStore destination, IProgress<CheckpointProgress>? progress, HashSet<string>? whole = null)
{
    private const int FilesAtATime = 4;

    private readonly HashSet<string> _bases = whole ?? new(StringComparer.Ordinal);
    private readonly HashSet<string> _unfinished = new(StringComparer.Ordinal);
    private long _copied;
    private long _done;
    private long _total;

    private enum Outcome
    {
        Copied,
        Repaired,
        AlreadyThere,
        Removed,
    }

    /// <summary>Copies checkpoints.</summary>
    /// <exception cref="KeyNotFoundException">The source has no checkpoint of such an id.</exception>
    /// <exception cref="DamagedCheckpointException">The metadata of one is damaged.</exception>
    /// <exception cref="CheckpointMismatchException">The destination has another checkpoint of the same id.</exception>
    /// <exception cref="DirectoryInUseException">Somebody else writes to the destination.</exception>
    /// <exception cref="ClaimLostException">The destination belongs to somebody else by now.</exception>
    /// <exception cref="StorageException">Something cannot be read or written.</exception>
    public async Task<CopyReport> RunAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.Distinct().Select(source.Find).ToList();
        var bases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in wanted.GroupBy(saved => source.HoldersOf(saved.Id)[0]))
        {
            bases.UnionWith(group.SelectMany(saved => group.Key.Catalog.BaseWeightsOf(saved.Id)).Select(CheckpointLayout.BaseWeights));
            _total += await group.Key.CountBytesAsync([.. group], cancellationToken).ConfigureAwait(false);
        }

        HashSet<string> goingOn = [.. wanted.Select(saved => saved.Id), .. bases];
        await destination.ClaimAsync(goingOn, null, cancellationToken).ConfigureAwait(false);
        _unfinished.UnionWith(destination.Claim.Pending.Where(goingOn.Contains));

        var outcomes = new List<(string Id, Outcome Outcome)>();
        var damaged = new List<DamagedCheckpointException>();
        foreach (var saved in wanted)
        {
            var (outcome, damage) = await CopyAsync(saved.Id, cancellationToken).ConfigureAwait(false);
            if (damage is null)
                outcomes.Add((saved.Id, outcome));
            else
                damaged.Add(damage);
        }

        var sweep = await LeftoverSweep.RunAsync(destination.Storage, destination.Claim, _unfinished, destination.Catalog, cancellationToken).ConfigureAwait(false);
        if (sweep.Failure is { } failure)
            throw failure;
        return new()
        {
            Copied = Of(Outcome.Copied),
            Repaired = Of(Outcome.Repaired),
            AlreadyThere = Of(Outcome.AlreadyThere),
            Removed = Of(Outcome.Removed),
            Damaged = damaged,
            BytesCopied = _copied,
        };

        List<string> Of(Outcome wanted) => [.. outcomes.Where(entry => entry.Outcome == wanted).Select(entry => entry.Id)];
    }

    /// <summary>Copies a checkpoint from the first of its holders where it is whole.</summary>
    private async Task<(Outcome Outcome, DamagedCheckpointException? Damage)> CopyAsync(string id, CancellationToken cancellationToken)
    {
        DamagedCheckpointException? damage = null;
        foreach (var holder in source.HoldersOf(id))
        {
            try
            {
                if (await CopyAsync(id, holder, cancellationToken).ConfigureAwait(false) is var outcome and not Outcome.Removed)
                    return (outcome, null);
            }
            catch (DamagedCheckpointException e)
            {
                // The run may have removed it meanwhile: then its files are missing because it is.
                if (await holder.IsThereAsync(id, cancellationToken).ConfigureAwait(false))
                    damage ??= e;
            }
        }

        return (Outcome.Removed, damage);
    }

    private async Task<Outcome> CopyAsync(string id, CheckpointStore holder, CancellationToken cancellationToken)
    {
        var key = CheckpointLayout.Key(id, CheckpointLayout.Metadata);
        if (await holder.Storage.ReadAllAsync(key, cancellationToken).ConfigureAwait(false) is not { } metadata)
            return Outcome.Removed;
        var record = CheckpointRecord.Parse(id, metadata.Content.Span);
        var there = await destination.Storage.ReadAllAsync(key, cancellationToken).ConfigureAwait(false);
        var isListed = there?.Content.Span.SequenceEqual(metadata.Content.Span) is true;
        if (there is not null && !isListed)
            CheckReplaceable(id, there.Content.Span);

        List<string> announced = [id, .. record.BaseWeights.Keys.Select(CheckpointLayout.BaseWeights)];
        if (isListed)
        {
            await destination.Claim.CheckAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await destination.Claim.AnnounceAsync(announced, cancellationToken).ConfigureAwait(false);
            _unfinished.UnionWith(announced);
        }

        var written = await EnsureFilesAsync(record, holder.Storage, cancellationToken).ConfigureAwait(false);
        if (isListed)
        {
            destination.Catalog.AddWhole(new(record.Saved, [.. record.BaseWeights.Keys]));
            _copied += written ?? 0;
            return written is null ? Outcome.AlreadyThere : Outcome.Repaired;
        }

        await CommitAsync(key, metadata.Content, there, cancellationToken).ConfigureAwait(false);
        destination.Catalog.AddWhole(new(record.Saved, [.. record.BaseWeights.Keys]));
        _copied += (written ?? 0) + metadata.Content.Length;
        await destination.Claim.SettleAsync(announced).ConfigureAwait(false);
        _unfinished.ExceptWith(announced);
        return there is null || CheckpointFacts.IsVoid(there.Content.Span) ? Outcome.Copied : Outcome.Repaired;
    }

    /// <summary>Only metadata that is damaged, or marks a checkpoint that was given up, can make room for the original's.</summary>
    private void CheckReplaceable(string id, ReadOnlySpan<byte> there)
    {
        try
        {
            if (CheckpointFacts.Read(id, there) is { } other)
                throw new CheckpointMismatchException($"{destination.Location} holds another checkpoint '{id}', of run '{other.Saved.RunId}'. Choose another place for this one.");
        }
        catch (DamagedCheckpointException)
        {
            // Its digest says so.
        }
    }

    /// <returns>How many bytes were written; null when everything was there already.</returns>
    private async Task<long?> EnsureFilesAsync(CheckpointRecord record, ICheckpointStorage from, CancellationToken cancellationToken)
    {
        var files = new FileCopy(from, destination.Storage, record, bytes => Tell(record.Saved.Id, bytes));
        var (isWhole, written) = (true, 0L);
        foreach (var (digest, expected) in record.BaseWeights)
        {
            var path = CheckpointLayout.BaseWeights(digest);
            if (!_bases.Contains(path))
                await EnsureAsync(path, path, expected, cancellationToken).ConfigureAwait(false);
            _bases.Add(path);
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = FilesAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(record.Files, parallel, async (file, token) =>
            await EnsureAsync(file.Key, CheckpointLayout.Key(record.Saved.Id, file.Key), file.Value, token).ConfigureAwait(false)).ConfigureAwait(false);
        return isWhole ? null : written;

        async Task EnsureAsync(string path, string key, FileRecord expected, CancellationToken token)
        {
            if (await files.EnsureAsync(path, key, expected, token).ConfigureAwait(false) is not { } bytes)
                return;
            isWhole = false;
            Interlocked.Add(ref written, bytes);
        }
    }

    /// <summary>Makes the checkpoint exist at the destination, unless that was lost meanwhile.</summary>
    private async Task CommitAsync(string key, ReadOnlyMemory<byte> metadata, StoredObject? there, CancellationToken cancellationToken)
    {
        await destination.Claim.CheckAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var condition = there is null ? WriteCondition.IfAbsent : WriteCondition.IfUnchanged(there.Info.ETag);
            await destination.Storage.WriteAsync(key, new(metadata), condition, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
        {
            await destination.Claim.CheckAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }

        var copy = await destination.Storage.ReadAllAsync(key, cancellationToken).ConfigureAwait(false);
        if (copy?.Content.Span.SequenceEqual(metadata.Span) is not true)
            throw new StorageException(StorageErrorKind.Permanent, key, $"{destination.Location}/{key} is not what was written just now. Its disk or network cannot be trusted; choose another place, or try again.");
    }

    private void Tell(string id, long bytes)
    {
        // What had to be tried again was counted twice.
        var done = Math.Min(Interlocked.Add(ref _done, bytes), _total);
        progress?.Report(new(id, done, _total));
    }
}

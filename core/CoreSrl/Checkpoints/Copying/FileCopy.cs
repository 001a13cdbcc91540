using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Formats;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Checkpoints.Copying;

/// <summary>Copies files of one checkpoint from a storage to another: what is there already stays, what is written is read back.</summary>
/// <param name="source">Where from.</param>
/// <param name="destination">Where to.</param>
/// <param name="record">The checkpoint.</param>
/// <param name="done">Told of bytes that are done.</param>
internal sealed class FileCopy(ICheckpointStorage source, ICheckpointStorage destination, CheckpointRecord record, Action<long> done)
{
    private readonly CheckpointReader _original = new(source, new(source, NullLogger.Instance), record);
    private readonly CheckpointReader _copy = new(destination, new(destination, NullLogger.Instance), record);

    /// <summary>Makes sure that a file is at the destination, to the last byte.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="key">Its key, in both storages.</param>
    /// <param name="expected">What was written.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>How many bytes were written; null when it was there already.</returns>
    /// <exception cref="DamagedCheckpointException">The original is not what was written; nothing of it was passed on.</exception>
    /// <exception cref="StorageException">It cannot be read or written just now, or does not read back as it was written.</exception>
    public async Task<long?> EnsureAsync(string path, string key, FileRecord expected, CancellationToken cancellationToken)
    {
        if (await _copy.CheckAsync(path, key, expected, cancellationToken).ConfigureAwait(false) is null)
        {
            done(Math.Max(0, expected.Size));
            return null;
        }

        expected = await _original.StatAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
        if (expected is { Parts.IsEmpty: true, Size: > FileRecord.PartLength }
            && await _original.CheckAsync(path, key, expected, cancellationToken).ConfigureAwait(false) is { } damage)
            throw Damaged(path, damage); // Format version 1 knows a long file only as a whole.
        await WriteAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
        return await _copy.CheckAsync(path, key, expected, cancellationToken).ConfigureAwait(false) is { } problem
            ? throw new StorageException(StorageErrorKind.Permanent, key, $"{destination.Location}/{key} {problem}, though it was written so just now. Its disk or network cannot be trusted; choose another place, or try again.")
            : expected.Size;
    }

    private async Task WriteAsync(string path, string key, FileRecord expected, CancellationToken cancellationToken)
    {
        if (expected is { Parts.IsEmpty: true, Size: > FileRecord.PartLength })
        {
            await destination.WriteFromAsync(key, new StorageSource(source, new(key, expected.Size, "", default)), WriteCondition.Always, cancellationToken).ConfigureAwait(false);
            done(expected.Size);
            return;
        }

        using var content = new CheckedSource(source, key, expected, done);
        try
        {
            await destination.WriteFromAsync(key, content, WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (content.Problem is { } problem)
        {
            throw Damaged(path, problem, e);
        }
    }

    private DamagedCheckpointException Damaged(string path, string problem, Exception? cause = null) => new(record.Saved.Id, path, problem, cause);
}

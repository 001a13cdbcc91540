using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Copying;

/// <summary>
/// A stored file, part by part: no byte is passed on before its part has been compared with the digest that was written. One part
/// lies in memory, so it suits whoever reads forward.
/// </summary>
/// <param name="storage">Where the file is.</param>
/// <param name="key">Its key.</param>
/// <param name="expected">What was written; a file longer than a part must have its parts' digests.</param>
/// <param name="read">Told how many bytes of a part have been read and found right.</param>
internal sealed class CheckedSource(ICheckpointStorage storage, string key, FileRecord expected, Action<long> read) : IByteSource, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly byte[] _part = ArrayPool<byte>.Shared.Rent((int)Math.Min(expected.Size, FileRecord.PartLength));
    private int _index = -1;

    /// <summary>Why the file cannot be passed on; null as long as it can.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public string Name => $"{storage.Location}/{key}";

    /// <inheritdoc/>
    public long Length => expected.Size;

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var index = (int)(offset / FileRecord.PartLength);
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (_index != index)
                    await LoadAsync(index, cancellationToken).ConfigureAwait(false);
                var (start, length, _) = expected.Piece(index);
                var here = (int)Math.Min(destination.Length, start + length - offset);
                _part.AsSpan((int)(offset - start), here).CopyTo(destination.Span);
                offset += here;
                destination = destination[here..];
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_part);
        _gate.Dispose();
    }

    private async Task LoadAsync(int index, CancellationToken cancellationToken)
    {
        _index = -1;
        var (start, length, digest) = expected.Piece(index);
        var part = _part.AsMemory(0, (int)length);
        try
        {
            await storage.ReadAsync(key, start, part, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Permanent)
        {
            Problem = $"cannot be read ({e.Message.TrimEnd('.')})";
            throw;
        }

        if (FileDigest.Of(part.Span) is var found && found != digest)
        {
            Problem = expected.PieceCount == 1 ? $"has the digest {found}; {digest} was written" : $"has the digest {found} from byte {start} to {start + length}; {digest} was written";
            throw new StorageException(StorageErrorKind.Permanent, key, $"{Name} {Problem}.");
        }

        _index = index;
        read(length);
    }
}

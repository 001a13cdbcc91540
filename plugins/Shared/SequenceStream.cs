using System.Buffers;

namespace CoreSrl.Plugins.Shared;

/// <summary>A read-only view of bytes in memory, for a client that takes streams: they go to the network from where they lie.</summary>
/// <remarks>Disposed, it gives no more, even where a request that failed is still at it: its bytes are the caller's again.</remarks>
/// <param name="content">The bytes.</param>
/// <param name="moved">Told whenever some have gone.</param>
internal sealed class SequenceStream(ReadOnlySequence<byte> content, Action moved) : Stream
{
    // What is handed over at a time: large, to be few calls, and small enough that a slow network counts as movement.
    private const int PieceLength = 256 << 10;

    private readonly Lock _gate = new();
    private readonly ReadOnlySequence<byte> _content = content;
    private ReadOnlySequence<byte> _rest = content;
    private bool _closed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _content.Length;

    public override long Position
    {
        get => Length - _rest.Length;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Length, nameof(offset));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _rest = _content.Slice(position);
        }

        return position;
    }

    /// <summary>Writes the rest to another stream, copying nothing.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (!_rest.IsEmpty)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var piece = _rest.First[..Math.Min(PieceLength, _rest.First.Length)];
            await destination.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            _rest = _rest.Slice(piece.Length);
            moved();
        }
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            count = (int)Math.Min(buffer.Length, _rest.Length);
            _rest.Slice(0, count).CopyTo(buffer);
            _rest = _rest.Slice(count);
        }

        moved();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
            _closed = true;
        base.Dispose(disposing);
    }
}

using System.Buffers;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>A read-only view of bytes in memory, for a client that takes streams. Nothing is copied but what is read.</summary>
/// <remarks>Disposed, it reads no more, even where a request that failed is still at it: its bytes are the caller's again.</remarks>
/// <param name="content">The bytes.</param>
/// <param name="moved">Told of each read.</param>
internal sealed class SequenceStream(ReadOnlySequence<byte> content, Action moved) : Stream
{
    private readonly Lock _gate = new();
    private SequencePosition _place = content.Start;
    private long _position;
    private bool _closed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => content.Length + offset,
        };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _place = content.GetPosition(position);
            _position = position;
        }

        return position;
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            count = (int)Math.Min(buffer.Length, content.Length - _position);
            var piece = content.Slice(_place, count);
            piece.CopyTo(buffer);
            _place = piece.End;
            _position += count;
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
        {
            _closed = true;
        }

        base.Dispose(disposing);
    }
}

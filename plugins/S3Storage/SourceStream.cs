using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>A source's bytes, for a client that takes streams.</summary>
/// <param name="source">The source.</param>
/// <param name="length">Its length.</param>
/// <param name="moved">Told of each read.</param>
/// <param name="failed">Told of the source's own errors.</param>
internal sealed class SourceStream(IByteSource source, long length, Action moved, Action<Exception> failed) : Stream
{
    private const int PieceLength = 4 << 20;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = buffer[..(int)Math.Min(buffer.Length, length - Position)];
        try
        {
            if (!piece.IsEmpty)
                await source.ReadAsync(Position, piece, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            failed(e);
            throw;
        }

        Position += piece.Length;
        moved();
        return piece.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A source is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

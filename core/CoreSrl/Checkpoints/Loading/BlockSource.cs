using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Another source with one block of it kept: whoever reads a file's table takes many small steps forward.</summary>
internal sealed class BlockSource(IByteSource inner) : IByteSource
{
    private const int BlockLength = 1 << 20;

    private byte[] _block = [];
    private long _start;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public long Length => inner.Length;

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.Length > BlockLength / 2)
        {
            await inner.ReadAsync(offset, destination, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (offset < _start || offset + destination.Length > _start + _block.Length)
        {
            // Near the end, where a zip archive has its directory, the block ends with the file.
            _start = Math.Max(0, Math.Min(offset, inner.Length - BlockLength));
            _block = new byte[Math.Min(BlockLength, inner.Length - _start)];
            await inner.ReadAsync(_start, _block, cancellationToken).ConfigureAwait(false);
        }

        _block.AsMemory((int)(offset - _start), destination.Length).CopyTo(destination);
    }
}

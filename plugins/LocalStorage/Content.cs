using System.Buffers;
using CoreSrl.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Brings an object's content into its file.</summary>
internal static class Content
{
    // How often a long copy looks at its cancellation token, and how much is written at once.
    private const int PieceLength = 16 << 20;

    // Two buffers of this size lie between a source and its file.
    private const int BufferLength = 4 << 20;

    /// <summary>Writes what lies in memory.</summary>
    public static Task Copy(ReadOnlySequence<byte> content, SafeFileHandle file, CancellationToken cancellationToken)
    {
        var written = new EarlyWriteback(file);
        foreach (var segment in content)
        {
            for (var rest = segment.Span; rest.Length > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = rest[..Math.Min(PieceLength, rest.Length)];
                written.Append(piece);
                rest = rest[piece.Length..];
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    /// <summary>Writes what a source has, reading the next piece while the last one is written.</summary>
    public static async Task CopyAsync(IByteSource content, SafeFileHandle file, CancellationToken cancellationToken)
    {
        var length = content.Length;
        var reading = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, BufferLength));
        var writing = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, BufferLength));
        try
        {
            var written = new EarlyWriteback(file);
            var read = ReadAsync(0);
            for (var offset = 0L; offset < length; offset += BufferLength)
            {
                await read.ConfigureAwait(false);
                (reading, writing) = (writing, reading);
                read = ReadAsync(offset + BufferLength);
                try
                {
                    written.Append(writing.AsSpan(0, LengthAt(offset)));
                }
                finally
                {
                    await read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // It must be done with the buffer in any case.
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(writing);
        }

        int LengthAt(long offset) => (int)Math.Min(BufferLength, length - offset);

        // On another thread, because a source may have read before it returns.
        Task ReadAsync(long offset)
        {
            var piece = offset < length ? reading.AsMemory(0, LengthAt(offset)) : default;
            return piece.IsEmpty
                ? Task.CompletedTask
                : Task.Run(() => content.ReadAsync(offset, piece, cancellationToken).AsTask(), cancellationToken);
        }
    }
}

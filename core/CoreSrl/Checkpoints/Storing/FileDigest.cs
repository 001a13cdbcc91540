using System.Buffers;
using System.Collections.Immutable;
using System.IO.Hashing;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// Computes the XXH128 digests of a file, of the whole and of each part, in one pass. They find damage, at memory speed; they do not
/// resist forgery.
/// </summary>
/// <remarks>https://github.com/Cyan4973/xxHash, XXH3 128 bits, written with the most significant digit first.</remarks>
internal sealed class FileDigest
{
    /// <summary>Both digests see a block while it is in the processor's cache.</summary>
    private const int BlockLength = 256 << 10;

    private readonly long _length;
    private readonly XxHash128 _whole = new();
    private readonly XxHash128? _part;
    private readonly ImmutableArray<string>.Builder _parts = ImmutableArray.CreateBuilder<string>();
    private long _position;

    /// <summary>Begins with a file of that many bytes.</summary>
    public FileDigest(long length)
    {
        _length = length;
        _part = length > FileRecord.PartLength ? new() : null;
    }

    public static FileRecord Of(ReadOnlySequence<byte> content)
    {
        var digest = new FileDigest(content.Length);
        foreach (var segment in content)
            digest.Append(segment.Span);
        return digest.Finish();
    }

    public static async ValueTask<FileRecord> OfAsync(IByteSource source, CancellationToken cancellationToken)
    {
        const int pieceLength = 4 << 20;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(pieceLength, Math.Max(1, source.Length)));
        try
        {
            var digest = new FileDigest(source.Length);
            for (var offset = 0L; offset < source.Length;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, source.Length - offset));
                await source.ReadAsync(offset, piece, cancellationToken).ConfigureAwait(false);
                digest.Append(piece.Span);
                offset += piece.Length;
            }

            return digest.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The digest of a few bytes.</summary>
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(XxHash128.Hash(content));

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = FileRecord.PartLength - (int)(_position % FileRecord.PartLength);
            var block = bytes[..Math.Min(Math.Min(BlockLength, room), bytes.Length)];
            _whole.Append(block);
            _part?.Append(block);
            _position += block.Length;
            bytes = bytes[block.Length..];
            if (_part is not null && (_position % FileRecord.PartLength == 0 || _position == _length))
                _parts.Add(Convert.ToHexStringLower(_part.GetHashAndReset()));
        }
    }

    public FileRecord Finish() => _position == _length
        ? new(_length, Convert.ToHexStringLower(_whole.GetCurrentHash())) { Parts = _parts.ToImmutable() }
        : throw new InvalidOperationException($"{_position} bytes of {_length} were seen.");
}

using System.Buffers;
using System.Security.Cryptography;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>MD5 in base64, as the protocol has it: what every server checks, no protection against an attacker with the keys.</summary>
internal static class Md5
{
    /// <summary>Under this name an object's own digest lies in its metadata, where rclone keeps it too: its ETag is one with some servers
    /// only.</summary>
    public const string Name = "md5chksum";

    private const int PieceLength = 4 << 20;

    /// <summary>The digest of bytes in memory.</summary>
    public static string Of(ReadOnlySequence<byte> content, Patience patience)
    {
        using var hash = New();
        foreach (var segment in content)
        {
            for (var rest = segment.Span; rest.Length > 0;)
            {
                patience.Token.ThrowIfCancellationRequested();
                var piece = rest[..Math.Min(PartPlan.SingleLength, rest.Length)];
                hash.AppendData(piece);
                patience.Moved();
                rest = rest[piece.Length..];
            }
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>The digest of a source's bytes.</summary>
    public static async Task<string> OfAsync(IByteSource source, long length, CancellationToken cancellationToken)
    {
        using var hash = New();
        var buffer = new byte[Math.Min(PieceLength, length)];
        for (var offset = 0L; offset < length; offset += buffer.Length)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - offset));
            await source.ReadAsync(offset, piece, cancellationToken).ConfigureAwait(false);
            hash.AppendData(piece.Span);
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Whether bytes are those whose digest an object's metadata holds; what is none says nothing.</summary>
    public static bool Fits(byte[] content, string? recorded)
    {
        Span<byte> expected = stackalloc byte[MD5.HashSizeInBytes];
        if (recorded is null || !Convert.TryFromBase64String(recorded, expected, out var length) || length != expected.Length)
            return true;
        using var hash = New();
        hash.AppendData(content);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }

#pragma warning disable CA5351 // The protocol's checksum.
    private static IncrementalHash New() => IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
}

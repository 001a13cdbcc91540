using System.Buffers;
using System.IO.Hashing;

namespace CoreSrl.Checkpoints;

/// <summary>XXH128 digests: they find damage, at memory speed; they do not resist forgery.</summary>
/// <remarks>https://github.com/Cyan4973/xxHash, XXH3 128 bits.</remarks>
internal static class Digest
{
    /// <summary>32 lower-case hexadecimal digits, the most significant first.</summary>
    public static string Of(ReadOnlySequence<byte> content)
    {
        var hash = new XxHash128();
        foreach (var segment in content)
            hash.Append(segment.Span);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}

using System.IO.Hashing;
using System.Text;
using System.Text.Json.Nodes;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// Guards a JSON file that nothing else guards: its last value is the XXH128 of the file itself, computed with zeros in that value's
/// place. <c>metadata.json</c> is such a file, which guards all others of its checkpoint, and <c>claim.json</c>.
/// </summary>
internal static class JsonSeal
{
    public const string Key = "xxh128";

    private const int DigestLength = 32;
    private static readonly byte[] Zeros = [.. Enumerable.Repeat((byte)'0', DigestLength)];
    private static readonly byte[] Before = Encoding.ASCII.GetBytes($"\"{Key}\": \"");
    private static readonly byte[] After = "\"\n}"u8.ToArray();

    /// <summary>The file of a document, sealed; the document gets the seal too.</summary>
    public static byte[] Seal(JsonObject document)
    {
        document.Remove(Key);
        document[Key] = Encoding.ASCII.GetString(Zeros);
        var file = CheckpointJson.ToBytes(document);
        var digest = FileDigest.Of(file);
        Encoding.ASCII.GetBytes(digest, file.AsSpan(file.Length - After.Length - DigestLength));
        document[Key] = digest;
        return file;
    }

    /// <summary>Whether a file ends in a seal, as all do since format version 2.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> file) =>
        file.Length > Before.Length + DigestLength + After.Length && file.EndsWith(After)
        && file[..^(After.Length + DigestLength)].EndsWith(Before);

    /// <summary>Whether a sealed file is, to the last bit, what was sealed.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file)
    {
        var start = file.Length - After.Length - DigestLength;
        var hash = new XxHash128();
        hash.Append(file[..start]);
        hash.Append(Zeros);
        hash.Append(file[(start + DigestLength)..]);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetCurrentHash())).AsSpan().SequenceEqual(file.Slice(start, DigestLength));
    }
}

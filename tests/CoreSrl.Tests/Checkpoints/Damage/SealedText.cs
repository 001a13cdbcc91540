using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>Metadata that somebody has changed and sealed anew: its digest is right, whatever it says.</summary>
internal static class SealedText
{
    private const string Before = "\"xxh128\": \"";
    private const string After = "\"\n}";

    /// <summary>Changes a file of metadata as a document.</summary>
    public static byte[] Edit(byte[] file, Action<JsonObject> edit)
    {
        var document = JsonNode.Parse(file)!.AsObject();
        edit(document);
        return JsonSeal.Seal(document);
    }

    /// <summary>Changes a file of metadata as text, which can say what a document cannot.</summary>
    public static byte[] Replace(byte[] file, string what, string with)
    {
        var text = Encoding.UTF8.GetString(file);
        Assert.Contains(what, text, StringComparison.Ordinal);
        var at = text.IndexOf(what, StringComparison.Ordinal);
        return Seal($"{text[..at]}{with}{text[(at + what.Length)..]}");
    }

    /// <summary>The digests of a file's parts.</summary>
    public static IReadOnlyList<string> Parts(byte[] file, string path) =>
        [.. JsonNode.Parse(file)!["files"]![path]!["parts"]!.AsArray().Select(digest => (string)digest!)];

    /// <summary>Gives a file other digests for its parts; none when there are none.</summary>
    public static byte[] WithParts(byte[] file, string path, IReadOnlyList<string> parts) => Edit(file, document =>
    {
        var record = document["files"]![path]!.AsObject();
        record.Remove("parts");
        if (parts.Count > 0)
            record["parts"] = new JsonArray([.. parts.Select(digest => (JsonNode)digest)]);
    });

    private static byte[] Seal(string text)
    {
        var start = text.LastIndexOf(Before, StringComparison.Ordinal) + Before.Length;
        var zeros = text[..start] + new string('0', 32) + After;
        var file = Encoding.UTF8.GetBytes($"{text[..start]}{FileDigest.Of(Encoding.UTF8.GetBytes(zeros))}{After}");
        Assert.True(JsonSeal.IsSealed(file) && JsonSeal.IsWhole(file));
        return file;
    }
}

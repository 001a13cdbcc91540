using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>A checkpoint directory, read with nothing but the file system and a JSON parser.</summary>
internal sealed partial class RunDirectory(string path)
{
    /// <summary>The committed checkpoints' folders, oldest episode first.</summary>
    public IReadOnlyList<string> Checkpoints => !Directory.Exists(path) ? [] :
        [.. Directory.GetDirectories(path).Where(folder => File.Exists(Path.Combine(folder, "metadata.json"))).OrderBy(Episode)];

    public static JsonObject Metadata(string checkpoint) => Json(checkpoint, "metadata.json");

    public static JsonObject Json(string checkpoint, string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(checkpoint, file)))!.AsObject();

    public static bool IsFinal(string checkpoint) => (bool)Metadata(checkpoint)["final"]!;

    public static long Episode(string checkpoint) => (long)Metadata(checkpoint)["episode"]!;

    /// <summary>Asserts that two directories hold the same run: names, tensors to the last bit, metadata; clock times aside.</summary>
    public static void AssertSameRun(RunDirectory expected, RunDirectory actual)
    {
        Assert.Equal(expected.Checkpoints.Select(NameWithoutTime), actual.Checkpoints.Select(NameWithoutTime));
        foreach (var (one, other) in expected.Checkpoints.Zip(actual.Checkpoints))
        {
            var files = Files(one);
            Assert.Equal(files, Files(other));
            foreach (var file in files)
            {
                if (file.EndsWith(".json", StringComparison.Ordinal))
                    Assert.Equal(WithoutTimes(Json(one, file)).ToJsonString(), WithoutTimes(Json(other, file)).ToJsonString());
                else
                    Assert.True(File.ReadAllBytes(Path.Combine(one, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(other, file))), $"{NameWithoutTime(one)}/{file} differs");
            }
        }
    }

    /// <summary>Asserts that two checkpoints hold the same tensors, to the last bit.</summary>
    public static void AssertSameTensors(string expected, string actual)
    {
        var files = Files(expected).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(files);
        Assert.Equal(files, Files(actual).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)));
        Assert.All(files, file => Assert.True(File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(actual, file))), $"{file} differs"));
    }

    private static List<string> Files(string checkpoint) =>
        [.. Directory.GetFiles(checkpoint, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(checkpoint, file)).Order(StringComparer.Ordinal)];

    private static string NameWithoutTime(string checkpoint) => UnixTime().Replace(Path.GetFileName(checkpoint), "TIME");

    /// <summary>Removes what the clock decides: times, the names made of them, and the digest of the file that holds such times.</summary>
    private static JsonNode WithoutTimes(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach (var (key, value) in fields.ToList())
            {
                if ((key == "xxh128" && fields.Parent is null) || key is "timestamp" or "run_id" or "training_state.json" or "training_efficiency" || key.EndsWith("_seconds", StringComparison.Ordinal) || key.EndsWith("_per_second", StringComparison.Ordinal))
                    fields.Remove(key);
                else if (key is "checkpoint_id" or "parent" && value is not null)
                    fields[key] = UnixTime().Replace((string)value!, "TIME");
                else if (value is not null)
                    WithoutTimes(value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items.OfType<JsonNode>())
                WithoutTimes(item);
        }

        return node;
    }

    [GeneratedRegex(@"\d{10,}$")]
    private static partial Regex UnixTime();
}

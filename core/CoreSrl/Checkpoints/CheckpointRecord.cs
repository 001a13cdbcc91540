using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>A file of a checkpoint as its metadata records it.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Xxh128">The XXH128 digest of its content, as 32 lower-case hexadecimal digits.</param>
public sealed record FileRecord(long Size, string Xxh128);

/// <summary>A checkpoint as its <c>metadata.json</c> describes it.</summary>
public sealed record CheckpointRecord
{
    /// <summary>The version of the layout that this program writes.</summary>
    public const int FormatVersion = 1;

    /// <summary>The plain facts.</summary>
    public required SavedCheckpoint Saved { get; init; }

    /// <summary>The whole document.</summary>
    public required JsonObject Document { get; init; }

    /// <summary>Its files by path.</summary>
    public required IReadOnlyDictionary<string, FileRecord> Files { get; init; }

    /// <summary>The digests of the base weights it refers to.</summary>
    public required ImmutableArray<string> BaseWeights { get; init; }

    /// <summary>Makes the document of a new checkpoint.</summary>
    internal static CheckpointRecord Create(
        string id, DateTimeOffset timestamp, CheckpointContent content, IReadOnlyDictionary<string, FileRecord> files, ImmutableArray<string> baseWeights) =>
        Parse(id, new JsonObject
        {
            ["format_version"] = FormatVersion,
            ["checkpoint_id"] = id,
            ["timestamp"] = timestamp.ToString("yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture),
            ["episode"] = content.Episode,
            ["environment_steps"] = content.EnvironmentSteps,
            ["final"] = content.Final,
            ["run_id"] = content.RunId,
            ["run_name"] = content.RunName,
            ["parent"] = content.Parent,
            ["reason"] = content.Reason,
            ["tags"] = CheckpointJson.ToNode(content.Tags),
            ["model_states"] = content.ModelStates.DeepClone(),
            ["global_metrics"] = content.GlobalMetrics.DeepClone(),
            ["config"] = content.Config.DeepClone(),
            ["plugins"] = content.Plugins.DeepClone(),
            ["warnings"] = CheckpointJson.ToNode(content.Warnings),
            ["base_weights"] = CheckpointJson.ToNode(baseWeights),
            ["files"] = CheckpointJson.ToNode(files.OrderBy(file => file.Key, StringComparer.Ordinal).ToDictionary()),
        });

    /// <summary>Reads a document.</summary>
    /// <exception cref="DamagedCheckpointException">It is not the metadata of a checkpoint, or of a newer layout.</exception>
    internal static CheckpointRecord Parse(string id, ReadOnlySpan<byte> json)
    {
        try
        {
            return Parse(id, JsonNode.Parse(json)?.AsObject() ?? throw new JsonException("it is null"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, $"is not the metadata of a checkpoint ({CheckpointJson.Reason(e)})", e);
        }
    }

    private static CheckpointRecord Parse(string id, JsonObject document)
    {
        if ((int)document["format_version"]! > FormatVersion)
            throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, $"has format version {document["format_version"]}; this program reads up to {FormatVersion}. Update Core SRL");
        if ((string?)document["checkpoint_id"] is { } written && written != id)
            throw new JsonException($"it is that of checkpoint '{written}'");
        if (document["model_states"] is not JsonObject || (long)document["episode"]! < 0)
            throw new JsonException("it has no model_states, or a negative episode");
        var files = document["files"].Deserialize<Dictionary<string, FileRecord>>(CheckpointJson.Options) ?? [];
        return new()
        {
            Document = document,
            Files = files,
            BaseWeights = Words(document, "base_weights"),
            Saved = new()
            {
                Id = id,
                RunId = (string)document["run_id"]!,
                Episode = (long)document["episode"]!,
                Timestamp = DateTimeOffset.Parse((string)document["timestamp"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                Final = (bool)document["final"]!,
                EnvironmentSteps = (long)document["environment_steps"]!,
                Tags = Words(document, "tags"),
                Metrics = CheckpointJson.Numbers(document["global_metrics"]!.AsObject()),
                SizeBytes = files.Values.Sum(file => file.Size),
            },
        };
    }

    private static ImmutableArray<string> Words(JsonObject document, string key) =>
        document[key] is JsonArray words ? [.. words.Select(word => (string)word!)] : throw new JsonException($"it has no {key}");
}

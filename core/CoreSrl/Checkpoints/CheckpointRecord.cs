using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint as its <c>metadata.json</c> describes it.</summary>
public sealed record CheckpointRecord
{
    /// <summary>The version of the layout that this program writes; it reads version 1 too, whose metadata is not sealed.</summary>
    public const int FormatVersion = 2;

    /// <summary>The plain facts.</summary>
    public required SavedCheckpoint Saved { get; init; }

    /// <summary>The whole document.</summary>
    public required JsonObject Document { get; init; }

    /// <summary>Its files by path.</summary>
    public required IReadOnlyDictionary<string, FileRecord> Files { get; init; }

    /// <summary>The base weights it refers to, by digest.</summary>
    public required IReadOnlyDictionary<string, FileRecord> BaseWeights { get; init; }

    /// <summary>Its models, in the order of the run that took it; none for a training loop's.</summary>
    public IReadOnlyList<string> ModelIds => Document["model_states"] is JsonObject states ? [.. states.Select(state => state.Key)] : [];

    /// <summary>Makes the file of a new checkpoint's metadata.</summary>
    internal static byte[] Write(
        string id, DateTimeOffset timestamp, CheckpointContent content, CheckpointDocuments documents,
        IReadOnlyDictionary<string, FileRecord> files, IEnumerable<FileRecord> baseWeights, IReadOnlyList<long> skipped) =>
        JsonSeal.Seal(new()
        {
            ["format_version"] = FormatVersion,
            ["checkpoint_id"] = id,
            ["timestamp"] = timestamp.ToString("yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture),
            ["episode"] = content.Episode,
            ["environment_steps"] = content.EnvironmentSteps,
            ["elapsed_seconds"] = content.Elapsed.TotalSeconds,
            ["held_up_seconds"] = content.HeldUp.TotalSeconds,
            ["final"] = content.Final,
            ["run_id"] = content.RunId,
            ["run_name"] = content.RunName,
            ["parent"] = content.Parent,
            ["reason"] = content.Reason,
            ["tags"] = CheckpointJson.ToNode(content.Tags),
            ["skipped_saves"] = CheckpointJson.ToNode(skipped),
            ["model_states"] = documents.ModelStates.DeepClone(),
            ["global_metrics"] = documents.GlobalMetrics.DeepClone(),
            ["config"] = documents.Config.DeepClone(),
            ["config_changes"] = documents.ConfigChanges.DeepClone(),
            ["plugins"] = documents.Plugins.DeepClone(),
            ["warnings"] = CheckpointJson.ToNode(documents.Warnings),
            ["part_length"] = FileRecord.PartLength,
            ["base_weights"] = ToNode(baseWeights.Select(weights => KeyValuePair.Create(weights.Xxh128, weights))),
            ["files"] = ToNode(files.OrderBy(file => file.Key, StringComparer.Ordinal)),
        });

    /// <summary>Reads a file of metadata.</summary>
    /// <exception cref="DamagedCheckpointException">It is not the metadata of a checkpoint, or of a newer layout.</exception>
    internal static CheckpointRecord Parse(string id, ReadOnlySpan<byte> file)
    {
        var facts = CheckpointFacts.Read(id, file)
            ?? throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, "says that the checkpoint was given up before it was written");
        try
        {
            var document = JsonNode.Parse(file, documentOptions: new() { AllowDuplicateProperties = false })!.AsObject();
            if (document["part_length"] is { } length && (long)length != FileRecord.PartLength)
                throw new JsonException($"its part_length is {length}; this program reads {FileRecord.PartLength}");
            return new()
            {
                Saved = facts.Saved,
                Document = document,
                Files = document["files"]!.AsObject().ToDictionary(entry => PathOf(entry.Key), entry => ToFileRecord(entry.Value!)),
                BaseWeights = document["base_weights"] is JsonObject weights
                    ? weights.ToDictionary(entry => entry.Key, entry => ToFileRecord(entry.Value!))
                    : facts.BaseWeights.ToDictionary(digest => digest, digest => new FileRecord(-1, digest)),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw CheckpointFacts.NotMetadata(id, e);
        }
    }

    private static JsonObject ToNode(IEnumerable<KeyValuePair<string, FileRecord>> files)
    {
        var node = new JsonObject();
        foreach (var (path, file) in files)
        {
            var record = new JsonObject { ["size"] = file.Size, ["xxh128"] = file.Xxh128 };
            if (!file.Parts.IsEmpty)
                record["parts"] = CheckpointJson.ToNode(file.Parts);
            node[path] = record;
        }

        return node;
    }

    private static string PathOf(string path) =>
        CheckpointLayout.IsDataFile(path) ? path : throw new JsonException($"it names a file '{path}' that no checkpoint has");

    private static FileRecord ToFileRecord(JsonNode node)
    {
        var record = new FileRecord((long)node["size"]!, (string)node["xxh128"]!)
        {
            Parts = node["parts"] is JsonArray parts ? [.. parts.Select(part => (string)part!)] : [],
        };
        if (!record.Parts.Add(record.Xxh128).All(CheckpointLayout.IsDigest))
            throw new JsonException("a file's digest is none");
        var fits = record.Parts.IsEmpty || (record.Size > FileRecord.PartLength && record.Parts.Length == ((record.Size - 1) / FileRecord.PartLength) + 1);
        return record.Size >= 0 && fits ? record : throw new JsonException("a file's size is negative, or not that of its parts");
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// What is kept in mind of every checkpoint of a directory. Read in one pass over <c>metadata.json</c> without making a tree of it:
/// there may be ten thousand.
/// </summary>
/// <param name="Saved">The plain facts.</param>
/// <param name="BaseWeights">The digests of the base weights it refers to.</param>
internal sealed record CheckpointFacts(SavedCheckpoint Saved, ImmutableArray<string> BaseWeights)
{
    /// <summary>Marks the metadata of a checkpoint that can no longer be committed.</summary>
    public const string VoidKey = "void";

    /// <summary>Reads the facts; null when the checkpoint was given up before it was written.</summary>
    /// <exception cref="DamagedCheckpointException">It is not the metadata of a checkpoint, or of a newer layout.</exception>
    public static CheckpointFacts? Read(string id, ReadOnlySpan<byte> file)
    {
        if (JsonSeal.IsSealed(file) && !JsonSeal.IsWhole(file))
            throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, "is not what was written: its digest differs");
        try
        {
            if (!Utf8.IsValid(file))
                throw new JsonException("it is not UTF-8");
            var read = new Reading();
            if (!read.Document(file))
                return null;
            if (read.Version > CheckpointRecord.FormatVersion)
                throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, $"has format version {read.Version}; this program reads up to {CheckpointRecord.FormatVersion}. Update Core SRL");
            if (read.Version != 1 && !JsonSeal.IsSealed(file))
                throw new JsonException("its digest is missing");
            if (read.Id is { } written && written != id)
                throw new JsonException($"it is that of checkpoint '{written}'");
            return read.ToFacts(id);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw NotMetadata(id, e);
        }
    }

    /// <summary>Whether metadata marks a checkpoint that was given up before it was written.</summary>
    public static bool IsVoid(ReadOnlySpan<byte> file)
    {
        try
        {
            return Read("", file) is null;
        }
        catch (DamagedCheckpointException)
        {
            return false;
        }
    }

    public static DamagedCheckpointException NotMetadata(string id, Exception cause) =>
        new(id, CheckpointLayout.Metadata, $"is not the metadata of a checkpoint ({CheckpointJson.Reason(cause)})", cause);

    /// <summary>The values as they come along.</summary>
    private sealed class Reading
    {
        private readonly Dictionary<string, double> _metrics = [];
        private readonly ImmutableArray<string>.Builder _tags = ImmutableArray.CreateBuilder<string>();
        private readonly ImmutableArray<string>.Builder _baseWeights = ImmutableArray.CreateBuilder<string>();
        private readonly HashSet<string> _seen = [];
        private string _runId = "";
        private long _episode;
        private long _environmentSteps;
        private TimeSpan _elapsed;
        private TimeSpan _heldUp;
        private DateTimeOffset _timestamp;
        private bool _final;
        private long _size;

        public int Version { get; private set; }

        public string? Id { get; private set; }

        /// <summary>Reads the document; false when it marks a checkpoint that was given up.</summary>
        public bool Document(ReadOnlySpan<byte> file)
        {
            var json = new Utf8JsonReader(file);
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw new JsonException("it is no object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                if (name == VoidKey)
                    return false;
                if (!_seen.Add(name))
                    throw new JsonException($"it has two values for '{name}'");
                Value(name, ref json);
            }

            while (json.Read())
            {
                // Nothing may follow: the reader throws.
            }

            return true;
        }

        public CheckpointFacts ToFacts(string id)
        {
            foreach (var name in (ReadOnlySpan<string>)["format_version", "run_id", "episode", "timestamp", "final", "environment_steps", "tags", "model_states", "global_metrics", "base_weights", "files"])
            {
                if (!_seen.Contains(name))
                    throw new JsonException($"it has no {name}");
            }

            if (_episode < 0)
                throw new JsonException("its episode is negative");
            var saved = new SavedCheckpoint
            {
                Id = id,
                RunId = _runId,
                Episode = _episode,
                Timestamp = _timestamp,
                Final = _final,
                EnvironmentSteps = _environmentSteps,
                Elapsed = _elapsed,
                HeldUp = _heldUp,
                Tags = _tags.ToImmutable(),
                Metrics = _metrics,
                SizeBytes = _size,
            };
            return new(saved, _baseWeights.ToImmutable());
        }

        private void Value(string name, ref Utf8JsonReader json)
        {
            switch (name)
            {
                case "format_version": Version = json.GetInt32(); break;
                case "checkpoint_id": Id = json.GetString(); break;
                case "run_id": _runId = json.GetString() ?? throw new JsonException("its run_id is null"); break;
                case "episode": _episode = json.GetInt64(); break;
                case "environment_steps": _environmentSteps = json.GetInt64(); break;
                case "elapsed_seconds": _elapsed = TimeSpan.FromSeconds(json.GetDouble()); break;
                case "held_up_seconds": _heldUp = TimeSpan.FromSeconds(json.GetDouble()); break;
                case "timestamp": _timestamp = json.GetDateTimeOffset(); break;
                case "final": _final = json.GetBoolean(); break;
                case "tags": Words(ref json, _tags); break;
                case "global_metrics": Metrics(ref json); break;
                case "base_weights": BaseWeights(ref json); break;
                case "files": Files(ref json); break;
                case "model_states": Expect(ref json, JsonTokenType.StartObject); json.Skip(); break;
                default: json.Skip(); break;
            }
        }

        private void Metrics(ref Utf8JsonReader json)
        {
            Expect(ref json, JsonTokenType.StartObject);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                if (json.TokenType == JsonTokenType.Number)
                    _metrics[name] = json.GetDouble();
                else
                    json.Skip();
            }
        }

        /// <summary>Version 1 has a list of digests, later ones an object with more about each.</summary>
        private void BaseWeights(ref Utf8JsonReader json)
        {
            if (json.TokenType == JsonTokenType.StartArray)
            {
                Words(ref json, _baseWeights);
                foreach (var digest in _baseWeights)
                    Digest(digest);
                return;
            }

            Expect(ref json, JsonTokenType.StartObject);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                _baseWeights.Add(Digest(json.GetString()!));
                json.Read();
                json.Skip();
            }
        }

        private void Files(ref Utf8JsonReader json)
        {
            Expect(ref json, JsonTokenType.StartObject);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                json.Read();
                Expect(ref json, JsonTokenType.StartObject);
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    var isSize = json.ValueTextEquals("size"u8);
                    json.Read();
                    if (isSize)
                        _size = checked(_size + Size(json.GetInt64()));
                    else
                        json.Skip();
                }
            }
        }

        private static long Size(long size) => size >= 0 ? size : throw new JsonException("a file's size is negative");

        private static string Digest(string text) => CheckpointLayout.IsDigest(text) ? text : throw new JsonException("the digest of its base weights is none");

        private static void Words(ref Utf8JsonReader json, ImmutableArray<string>.Builder words)
        {
            Expect(ref json, JsonTokenType.StartArray);
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                words.Add(json.GetString() ?? throw new JsonException("a word is null"));
        }

        private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
        {
            if (json.TokenType != type)
                throw new JsonException($"a {json.TokenType} stands where a {type} is expected");
        }
    }
}

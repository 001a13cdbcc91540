using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;

namespace CoreSrl.Training;

/// <summary>A run as a checkpoint holds it: read and found to fit, but not yet put into the models.</summary>
internal sealed class StoredRun
{
    private readonly CheckpointReader _reader;
    private readonly JsonObject _plugins;

    private StoredRun(CheckpointReader reader, TrainingState state, JsonObject plugins)
    {
        _reader = reader;
        _plugins = plugins;
        State = state;
    }

    /// <summary>What the trainer knew.</summary>
    public TrainingState State { get; }

    /// <summary>The metrics that were stored.</summary>
    public Contributions Metrics => new(_reader.Record.Document["global_metrics"]!.DeepClone().AsObject(), []);

    /// <summary>The options that changed in the run before the checkpoint was taken.</summary>
    public required ImmutableArray<ConfigChange> EarlierChanges { get; init; }

    /// <summary>The options that have changed since.</summary>
    public required ImmutableArray<ConfigChange> Changes { get; init; }

    /// <summary>Reads what the run was and compares it with the configuration; changes nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no checkpoint of that id.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    /// <exception cref="ConfigurationException">It does not fit the configuration.</exception>
    public static async Task<StoredRun> OpenAsync(string id, RunParts parts, MultiModelConfig config, CancellationToken cancellationToken)
    {
        var reader = await parts.Store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        var document = await reader.ReadJsonAsync(CheckpointLayout.TrainingState, cancellationToken).ConfigureAwait(false);
        var state = ReadState(id, document["trainer"]);
        var check = new ResumeCheck(id, parts.Store.Location, config);
        check.Run((string?)reader.Record.Document["run_name"], (ulong?)reader.Record.Document["config"]?["training"]?["seed"], state.Threads);
        var before = reader.Record.Document["config"] as JsonObject ?? [];
        check.Plugins(before, parts.Config);
        var ids = state.Models.Select(model => model.ModelId).ToList();
        var descriptions = new List<JsonObject>();
        foreach (var model in ids)
            descriptions.Add(await reader.ReadJsonAsync(CheckpointLayout.ModelDescription(model), cancellationToken).ConfigureAwait(false));
        check.Models(ids, descriptions, parts.Models);
        return new(reader, state with { LastCheckpoint = id }, Remembered(document["plugins"]?.AsObject() ?? [], before, parts.Config))
        {
            EarlierChanges = ReadChanges(id, reader.Record.Document["config_changes"]),
            Changes = ConfigChange.Find(state.Episode, before, parts.Config),
        };
    }

    /// <summary>Puts the models and plugins into the stored state.</summary>
    /// <exception cref="DamagedCheckpointException">A file is not what was written; the models are then part-way.</exception>
    public async Task RestoreAsync(RunParts parts, CancellationToken cancellationToken)
    {
        foreach (var slot in parts.Models)
            await _reader.RestoreAsync(slot.Index, slot.Id, slot.Model, cancellationToken).ConfigureAwait(false);
        parts.Memory.Restore(_plugins);
    }

    /// <summary>What plugins remembered, but for a place in a list where another plugin stands now: it begins without memory.</summary>
    private static JsonObject Remembered(JsonObject states, JsonObject before, JsonObject now)
    {
        foreach (var list in (ReadOnlySpan<string>)["policies", "metadata"])
        {
            foreach (var place in states.Select(state => state.Key.Split('/')).Where(place => place[0] == list && Use(before, place) != Use(now, place)).ToList())
                states.Remove(string.Join('/', place));
        }

        return states;

        static string? Use(JsonObject config, string[] place) =>
            config["checkpoints"]?[place[0]] is JsonArray entries && int.TryParse(place[1], out var index) && index < entries.Count ? (string?)entries[index]?["use"] : null;
    }

    private static ImmutableArray<ConfigChange> ReadChanges(string id, JsonNode? recorded)
    {
        try
        {
            return ConfigChange.Read(recorded);
        }
        catch (JsonException e)
        {
            throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, $"has no list of changed options ({CheckpointJson.Reason(e)})", e);
        }
    }

    private static TrainingState ReadState(string id, JsonNode? trainer)
    {
        try
        {
            return trainer.Deserialize<TrainingState>(CheckpointJson.Options)
                ?? throw new DamagedCheckpointException(id, CheckpointLayout.TrainingState, "has no trainer state");
        }
        catch (JsonException e)
        {
            throw new DamagedCheckpointException(id, CheckpointLayout.TrainingState, $"is not a trainer's state ({CheckpointJson.Reason(e)})", e);
        }
    }
}

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

    /// <summary>Reads what the run was and compares it with the configuration; changes nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no checkpoint of that id.</exception>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    /// <exception cref="ConfigurationException">It does not fit the configuration.</exception>
    public static async Task<StoredRun> OpenAsync(string id, RunParts parts, MultiModelConfig config, CancellationToken cancellationToken)
    {
        var reader = await parts.Store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        var document = await reader.ReadJsonAsync(CheckpointLayout.TrainingState, cancellationToken).ConfigureAwait(false);
        var state = ReadState(id, document["trainer"]);
        ResumeCheck.Run(id, (string?)reader.Record.Document["run_name"], (ulong?)reader.Record.Document["config"]?["training"]?["seed"], state.Threads, config);
        var ids = state.Models.Select(model => model.ModelId).ToList();
        var descriptions = new List<JsonObject>();
        foreach (var model in ids)
            descriptions.Add(await reader.ReadJsonAsync(CheckpointLayout.ModelDescription(model), cancellationToken).ConfigureAwait(false));
        ResumeCheck.Models(id, ids, descriptions, parts.Models);
        return new(reader, state with { LastCheckpoint = id }, document["plugins"]?.AsObject() ?? []);
    }

    /// <summary>Puts the models and plugins into the stored state.</summary>
    /// <exception cref="DamagedCheckpointException">A file is not what was written; the models are then part-way.</exception>
    public async Task RestoreAsync(RunParts parts, CancellationToken cancellationToken)
    {
        foreach (var slot in parts.Models)
            await _reader.RestoreAsync(slot.Index, slot.Id, slot.Model, cancellationToken).ConfigureAwait(false);
        parts.RestorePluginState(_plugins);
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

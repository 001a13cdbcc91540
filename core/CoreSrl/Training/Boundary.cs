using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Training;

/// <summary>An episode boundary: all that a checkpoint of this moment needs, so that one can be taken even after a later failure.</summary>
/// <param name="State">What the trainer knows.</param>
/// <param name="Snapshot">The models.</param>
/// <param name="Plugins">What the plugins remember.</param>
/// <param name="Metrics">The trainer's metrics and the contributors' values.</param>
internal sealed record Boundary(TrainingState State, Snapshot Snapshot, JsonObject Plugins, Contributions Metrics)
{
    /// <summary>Where the run is, as policies and observers see it.</summary>
    public TrainingProgress Progress(long maxEpisodes) => State.Progress(maxEpisodes, CheckpointJson.Numbers(Metrics.Values));

    /// <summary>A checkpoint of this boundary; it becomes one of the snapshot's holders.</summary>
    public CheckpointContent ToContent(RunParts parts, string runName, string reason, ImmutableArray<string> tags, bool final) => new()
    {
        RunId = State.RunId,
        RunName = runName,
        Parent = State.LastCheckpoint,
        Episode = State.Episode,
        EnvironmentSteps = State.EnvironmentSteps,
        Final = final,
        Reason = reason,
        Tags = tags,
        Snapshot = Snapshot.Share(),
        ModelStates = new(State.Models.Select(model => KeyValuePair.Create(model.ModelId, CheckpointJson.ToNode(model)))),
        GlobalMetrics = Metrics.Values.DeepClone().AsObject(),
        Config = parts.Config.DeepClone().AsObject(),
        TrainingState = new()
        {
            ["trainer"] = CheckpointJson.ToNode(State),
            ["plugins"] = Plugins.DeepClone(),
        },
        Plugins = parts.Plugins,
        Warnings = [.. Metrics.Warnings],
    };
}

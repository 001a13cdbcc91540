using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Training;

/// <summary>An episode boundary: all that a checkpoint of this moment needs, so that one can be taken even after a later failure.</summary>
/// <param name="State">What the trainer knows.</param>
/// <param name="Snapshot">The models; null when the memory for it was in use, by the checkpoint being written. Then the live models
/// are the boundary's until they learn again.</param>
/// <param name="Plugins">What the plugins remember.</param>
/// <param name="Metrics">The trainer's metrics and the contributors' values.</param>
internal sealed record Boundary(TrainingState State, Snapshot? Snapshot, JsonObject Plugins, Contributions Metrics)
{
    /// <summary>The numbers among the metrics.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; } = CheckpointJson.Numbers(Metrics.Values);

    /// <summary>The options that changed since the run began.</summary>
    public ImmutableArray<ConfigChange> ConfigChanges { get; init; } = [];

    /// <summary>Where the run is, as policies and observers see it.</summary>
    public TrainingProgress Progress(long maxEpisodes) => State.Progress(maxEpisodes, Numbers);

    /// <summary>A checkpoint of this boundary; it becomes one of the snapshot's holders.</summary>
    public CheckpointContent ToContent(RunParts parts, string runName, string reason, ImmutableArray<string> tags, bool final) => new()
    {
        RunId = State.RunId,
        RunName = runName,
        Parent = State.LastCheckpoint,
        Episode = State.Episode,
        EnvironmentSteps = State.EnvironmentSteps,
        Elapsed = TimeSpan.FromSeconds(State.ElapsedSeconds),
        HeldUp = TimeSpan.FromSeconds(State.HeldUpSeconds),
        Final = final,
        Reason = reason,
        Tags = tags,
        Metrics = Numbers,
        Snapshot = Snapshot?.Share() ?? throw new InvalidOperationException("The boundary has no snapshot."),
        Documents = () => new()
        {
            ModelStates = new(State.Models.Select(model => KeyValuePair.Create(model.ModelId, CheckpointJson.ToNode(model)))),
            GlobalMetrics = Metrics.Values,
            Config = parts.Config,
            ConfigChanges = CheckpointJson.ToNode(ConfigChanges)!.AsArray(),
            TrainingState = new()
            {
                ["trainer"] = CheckpointJson.ToNode(State),
                ["plugins"] = Plugins.DeepClone(),
            },
            Plugins = parts.Plugins,
            Warnings = [.. Metrics.Warnings],
        },
    };
}

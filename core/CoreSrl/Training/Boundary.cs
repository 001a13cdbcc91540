using System.Text.Json.Nodes;
using CoreSrl.Checkpoints;

namespace CoreSrl.Training;

/// <summary>An episode boundary: all that a checkpoint of this moment needs, so that one can be taken even after a later failure.</summary>
/// <param name="State">What the trainer knows.</param>
/// <param name="Snapshot">The models.</param>
/// <param name="Plugins">What the plugins remember.</param>
/// <param name="Metrics">The trainer's metrics and the contributors' values.</param>
/// <param name="Warnings">Contributors that failed.</param>
internal sealed record Boundary(TrainingState State, Snapshot Snapshot, JsonObject Plugins, JsonObject Metrics, IReadOnlyList<string> Warnings);

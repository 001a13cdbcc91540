using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Analysis;

/// <summary>How the models had done by the time of a checkpoint.</summary>
/// <param name="Saved">The checkpoint.</param>
/// <param name="Models">Its models, in the order of its metadata.</param>
public sealed record CheckpointPerformance(SavedCheckpoint Saved, IReadOnlyList<ModelPerformance> Models)
{
    /// <summary>The mean over the models of their <see cref="ModelPerformance.AverageReward"/>; null where none has one.</summary>
    public double? AverageReward => Models.Average(model => model.AverageReward);

    /// <summary>The model of that id; null when the checkpoint has none.</summary>
    public ModelPerformance? Of(string modelId) => Models.FirstOrDefault(model => model.ModelId == modelId);

    /// <summary>Reads it from what the metadata says.</summary>
    public static CheckpointPerformance Of(CheckpointRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Saved, record.Document["model_states"] is JsonObject states ? [.. states.Select(state => ModelPerformance.Read(state.Key, state.Value))] : []);
    }
}

using CoreSrl.Checkpoints;

namespace CoreSrl.Analysis;

/// <summary>Several checkpoints beside one another: how each model changed from one to the next.</summary>
/// <param name="Checkpoints">In the order in which they are compared.</param>
public sealed record CheckpointComparison(IReadOnlyList<CheckpointPerformance> Checkpoints)
{
    /// <summary>The ids of all models, in the order in which they first occur.</summary>
    public IReadOnlyList<string> Models { get; } = [.. Checkpoints.SelectMany(checkpoint => checkpoint.Models).Select(model => model.ModelId).Distinct()];

    /// <summary>Reads the checkpoints of these ids, in their order.</summary>
    /// <exception cref="KeyNotFoundException">There is none of an id; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">One's metadata is damaged.</exception>
    public static async Task<CheckpointComparison> ReadAsync(CheckpointManager manager, IEnumerable<string> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manager);
        ArgumentNullException.ThrowIfNull(ids);
        var checkpoints = new List<CheckpointPerformance>();
        foreach (var id in ids)
            checkpoints.Add(CheckpointPerformance.Of(await manager.DescribeAsync(id, cancellationToken).ConfigureAwait(false)));
        return new(checkpoints);
    }

    /// <summary>One model through the checkpoints that have it, each with its change in average reward since the one before.</summary>
    public IEnumerable<(CheckpointPerformance Checkpoint, ModelPerformance Model, double? Change)> Of(string modelId)
    {
        ModelPerformance? before = null;
        foreach (var checkpoint in Checkpoints)
        {
            if (checkpoint.Of(modelId) is not { } model)
                continue;
            yield return (checkpoint, model, model.AverageReward - before?.AverageReward);
            before = model;
        }
    }

    /// <summary>The mean over the models through all checkpoints, each with its change since the one before.</summary>
    public IEnumerable<(CheckpointPerformance Checkpoint, double? Change)> OfAllModels() =>
        Checkpoints.Select((checkpoint, index) => (checkpoint, index == 0 ? null : checkpoint.AverageReward - Checkpoints[index - 1].AverageReward));
}

using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint that a training loop goes on from.</summary>
/// <param name="Saved">The plain facts.</param>
/// <param name="Notes">What was saved beside the state; empty when nothing was.</param>
public sealed record RestoredCheckpoint(SavedCheckpoint Saved, JsonObject Notes)
{
    /// <summary>The steps completed when it was taken: the loop goes on with the next one.</summary>
    public long Step => Saved.Episode;
}

using System.Text.Json.Nodes;

namespace CoreSrl.Abstractions;

/// <summary>
/// Optional, beside any contract: a plugin that remembers something from one episode to the next, so that it must travel in the
/// checkpoint for a resumed run to be exact. A plugin without such memory does not implement this.
/// </summary>
/// <remarks>
/// Both members are called by the trainer between episodes, while training waits: <see cref="CaptureState"/> at every boundary, so
/// it must be quick, <see cref="RestoreState"/> when a run is resumed or returns to its last boundary after a failure. An exception
/// from either ends the run, and so does one that does not come back within <c>Plugins:TimeLimit</c>.
/// </remarks>
public interface IStatefulPlugin
{
    /// <summary>What must be remembered, as JSON. Written to <c>training_state.json</c>: keep it small and free of secrets.</summary>
    JsonNode? CaptureState();

    /// <summary>Takes back what <see cref="CaptureState"/> returned in the run that wrote the checkpoint.</summary>
    void RestoreState(JsonNode? state);
}

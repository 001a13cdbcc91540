using System.Text.Json.Nodes;

namespace CoreSrl.Abstractions;

/// <summary>
/// Something whose whole state is a table of tensors and a little JSON, so that the engine can capture it and bring it back to the
/// same bits: a model, or a training loop's module and optimizer.
/// </summary>
/// <remarks>The engine calls no two members at once, and none while the tensors are being changed.</remarks>
public interface IStateful
{
    /// <summary>What it is. Constant during its life.</summary>
    ModelDescription Description { get; }

    /// <summary>
    /// Every tensor of the state, in a fixed order with unique names per part. Asked for at each capture, and at each restore after
    /// <see cref="RestoreState"/>, which may have made tensors that the stored state has and a fresh one lacks.
    /// </summary>
    IReadOnlyList<StateTensor> Tensors { get; }

    /// <summary>What must be remembered beside the tensors (a step count, say), as JSON. Called at each capture.</summary>
    JsonObject CaptureState();

    /// <summary>
    /// Takes back what <see cref="CaptureState"/> returned; a <see cref="FormatException"/> says that it is something else. Called on
    /// resume and after a failure, before the tensors are written.
    /// </summary>
    void RestoreState(JsonObject state);
}

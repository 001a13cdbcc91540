using System.Text.Json.Nodes;

namespace CoreSrl.Abstractions;

/// <summary>
/// One player: it answers observations with text, learns from what came of it, and can be captured and restored to the same bits.
/// Text in, text out, so that a small local network and a remote chat model can sit at the same table.
/// </summary>
/// <remarks>
/// The trainer never calls two members of one model at once, but it does call different models concurrently: a model shares no
/// mutable state with another. All randomness comes from the seeds in the arguments. An exception from any member ends the run,
/// after the last good episode boundary has been saved.
/// </remarks>
public interface IModel : IAsyncDisposable
{
    /// <summary>What the model is. Constant during its life.</summary>
    ModelDescription Description { get; }

    /// <summary>
    /// Every tensor of the model, in a fixed order with unique names per part; the table is constant from creation on, so an
    /// optimizer's state is there before its first step. Empty for a model without tensors of its own.
    /// </summary>
    IReadOnlyList<StateTensor> Tensors { get; }

    /// <summary>
    /// Answers each request, in order. Called several times per episode (once per round of the games). Must not change anything
    /// that <see cref="Tensors"/> or <see cref="CaptureState"/> shows: what is learned, is learned in <see cref="LearnAsync"/>.
    /// </summary>
    ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken);

    /// <summary>Learns from a batch of its own experiences. Called once per update, between two episodes.</summary>
    ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken);

    /// <summary>What must be remembered beside the tensors (a step count, say), as JSON. Called at episode boundaries.</summary>
    JsonObject CaptureState();

    /// <summary>Takes back what <see cref="CaptureState"/> returned; a <see cref="FormatException"/> says that it is something else. Called on resume and after a failure, when all tensors have been written.</summary>
    void RestoreState(JsonObject state);
}

namespace CoreSrl.Abstractions;

/// <summary>
/// One player: it answers observations with text, learns from what came of it, and can be captured and restored to the same bits.
/// Text in, text out, so that a small local network and a remote chat model can sit at the same table.
/// </summary>
/// <remarks>
/// The trainer never calls two members of one model at once, but it does call different models concurrently: a model shares no
/// mutable state with another. Its table of tensors is constant from creation on, so an optimizer's state is there before its first
/// step; it is empty for a model without tensors of its own. All randomness comes from the seeds in the arguments. An exception
/// from any member ends the run, after the last good episode boundary has been saved, and so does an answer or an update that does
/// not come back within <c>Plugins:WorkTimeLimit</c>.
/// </remarks>
public interface IModel : IStateful, IAsyncDisposable
{
    /// <summary>
    /// Answers each request, in order. Called several times per episode (once per round of the games). Must not change anything
    /// that <see cref="IStateful.Tensors"/> or <see cref="IStateful.CaptureState"/> shows: what is learned, is learned in
    /// <see cref="LearnAsync"/>.
    /// </summary>
    ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken);

    /// <summary>Learns from a batch of its own experiences. Called once per update, between two episodes.</summary>
    ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken);
}

namespace CoreSrl.Abstractions;

/// <summary>
/// A model that can also converse, piece by piece, with whoever it is served to (<c>srl serve</c>). A backend whose models cannot
/// implements <see cref="IModel"/> alone.
/// </summary>
/// <remarks>The host never calls two members of one model at once, a conversation's answer included: it is over when it has been read to
/// its end or its enumerator has been disposed of.</remarks>
public interface IChatModel : IModel
{
    /// <summary>Answers a conversation. Like <see cref="IModel.ActAsync"/> it must not change anything that
    /// <see cref="IStateful.Tensors"/> or <see cref="IStateful.CaptureState"/> shows, and draws from the request's seed alone: the same
    /// request gets the same answer, however it is cut into pieces.</summary>
    /// <param name="request">What to answer, and how.</param>
    /// <param name="cancellationToken">Nobody waits for the rest any more.</param>
    /// <returns>The answer from its beginning; the last piece, and no other, has an end.</returns>
    /// <exception cref="ArgumentException">The conversation cannot be answered: it is too long, or not in a form that the model knows.
    /// Thrown before the first piece.</exception>
    IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, CancellationToken cancellationToken);
}

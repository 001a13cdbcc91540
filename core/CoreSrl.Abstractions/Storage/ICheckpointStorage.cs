using System.Buffers;

namespace CoreSrl.Abstractions;

/// <summary>
/// An object store in five verbs. A key is a relative path with <c>/</c> between its parts; an object is a run of bytes that is
/// replaced as a whole and never seen half-written.
/// </summary>
/// <remarks>
/// Called by the checkpoint engine from background threads, several calls at once, for different keys and sometimes the same one.
/// A storage does not retry: that is for its caller to decide, by the error's <see cref="StorageException.Kind"/>. Every failure to be
/// handled is a <see cref="StorageException"/>; any other exception counts as permanent. A key that is empty, begins with
/// <c>/</c>, has an empty part, <c>.</c> or <c>..</c>, a backslash or a control character is refused with
/// <see cref="StorageErrorKind.Permanent"/>: nothing outside the root can be named.
/// </remarks>
public interface ICheckpointStorage
{
    /// <summary>Where the objects are, for messages: a folder, a bucket and prefix. Free of secrets.</summary>
    string Location { get; }

    /// <summary>What this storage can do.</summary>
    StorageCapabilities Capabilities { get; }

    /// <summary>Facts about an object, or null when there is none of that key.</summary>
    ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken);

    /// <summary>Fills <paramref name="destination"/> with the object's bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="StorageException"><see cref="StorageErrorKind.NotFound"/> when there is no such object;
    /// <see cref="StorageErrorKind.Permanent"/> when the range reaches beyond its end.</exception>
    ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Writes an object as a whole: when the call returns it is durable, and until then nobody sees any of it. The content's
    /// memory is not changed or reused before the call returns.
    /// </summary>
    /// <exception cref="StorageException"><see cref="StorageErrorKind.PreconditionFailed"/> when the condition does not hold; of
    /// several writers with <see cref="WriteCondition.IfAbsent"/> exactly one succeeds.</exception>
    ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken);

    /// <summary>
    /// The objects whose keys begin with <paramref name="prefix"/>, in ordinal order of their keys. The prefix is empty (all) or
    /// ends in <c>/</c>.
    /// </summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an object. Removing what is not there is no error.</summary>
    ValueTask DeleteAsync(string key, CancellationToken cancellationToken);
}

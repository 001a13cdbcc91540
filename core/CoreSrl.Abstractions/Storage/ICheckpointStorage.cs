using System.Buffers;
using System.Runtime.CompilerServices;

namespace CoreSrl.Abstractions;

/// <summary>
/// An object store in five verbs. A key is a relative path with <c>/</c> between its parts; an object is a run of bytes that is
/// replaced as a whole and never seen half-written.
/// </summary>
/// <remarks>
/// Called by the checkpoint engine from background threads, several calls at once, for different keys and sometimes the same one.
/// A storage does not retry: that is for its caller to decide, by the error's <see cref="StorageException.Kind"/>. Every failure to be
/// handled is a <see cref="StorageException"/>; any other exception counts as permanent. A key that is empty, begins with
/// <c>/</c>, has an empty part, <c>.</c> or <c>..</c>, a backslash, a control character or half of a surrogate pair is refused with
/// <see cref="StorageErrorKind.Permanent"/> (<see cref="ObjectKey"/> does it): nothing outside the root can be named. The members with a body are written in terms of
/// the five verbs; a storage that can do better overrides them.
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

    /// <summary>
    /// Reads a small object as a whole, facts and bytes of one version; null when there is none of that key. By default three
    /// calls, and three more whenever the object is replaced meanwhile.
    /// </summary>
    async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        while (await StatAsync(key, cancellationToken).ConfigureAwait(false) is { } info)
        {
            if (info.Length > Array.MaxLength)
                throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' in {Location} has {info.Length} bytes: too many to read as a whole.");
            var content = new byte[info.Length];
            StorageException? failure = null;
            try
            {
                await ReadAsync(key, 0, content, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Permanent)
            {
                failure = e;
            }

            var after = await StatAsync(key, cancellationToken).ConfigureAwait(false);
            if (after?.ETag == info.ETag)
                return failure is null ? new(info, content) : throw failure;
        }

        return null;
    }

    /// <summary>
    /// Writes an object, under the same promises, from bytes that are fetched piece by piece, so that what is large need not lie in
    /// memory. By default it does: the pieces are collected first, unless there are more than <see cref="Capabilities"/> allow.
    /// </summary>
    /// <exception cref="StorageException">As for <see cref="WriteAsync"/>.</exception>
    async ValueTask<ObjectInfo> WriteFromAsync(
        string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var limit = condition == WriteCondition.Always ? Capabilities.MaxObjectLength : Capabilities.MaxConditionalLength;
        if (content.Length > limit)
            throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' in {Location} would have {content.Length} bytes, and no more than {limit} can be written{(condition == WriteCondition.Always ? "" : " with a condition")}.");
        return await WriteAsync(
            key, await CollectedBytes.OfAsync(content, cancellationToken).ConfigureAwait(false), condition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The folders directly below <paramref name="prefix"/> (a part of a key that a <c>/</c> follows), by their names, in ordinal
    /// order of what follows the prefix. One that holds no object may be among them (an empty directory), so what is found below
    /// counts. By default everything below is listed.
    /// </summary>
    async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string? last = null;
        await foreach (var info in ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            var end = info.Key.IndexOf('/', prefix.Length);
            if (end < 0)
                continue;
            var name = info.Key[prefix.Length..end];
            if (name != last)
                yield return last = name;
        }
    }
}

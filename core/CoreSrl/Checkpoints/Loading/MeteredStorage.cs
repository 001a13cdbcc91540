using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>A storage that tells how much has been read from it.</summary>
/// <param name="inner">The storage.</param>
/// <param name="read">Told of the bytes of each read, from whatever thread it ends on.</param>
internal sealed class MeteredStorage(ICheckpointStorage inner, Action<long> read) : ICheckpointStorage
{
    /// <inheritdoc/>
    public string Location => inner.Location;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await inner.ReadAsync(key, offset, destination, cancellationToken).ConfigureAwait(false);
        read(destination.Length);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        var stored = await inner.ReadAllAsync(key, cancellationToken).ConfigureAwait(false);
        read(stored?.Content.Length ?? 0);
        return stored;
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteAsync(key, content, condition, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteFromAsync(key, content, condition, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) => inner.ListFoldersAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}

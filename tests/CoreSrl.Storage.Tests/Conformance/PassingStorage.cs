using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>Passes every call on, for others to break one.</summary>
internal abstract class PassingStorage(ICheckpointStorage inner) : ICheckpointStorage
{
    protected ICheckpointStorage Inner => inner;

    public virtual string Location => inner.Location;

    public virtual StorageCapabilities Capabilities => inner.Capabilities;

    public virtual ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public virtual ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(key, offset, destination, cancellationToken);

    public virtual ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken) => inner.ReadAllAsync(key, cancellationToken);

    public virtual ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteAsync(key, content, condition, cancellationToken);

    public virtual ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteFromAsync(key, content, condition, cancellationToken);

    public virtual IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public virtual IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) => inner.ListFoldersAsync(prefix, cancellationToken);

    public virtual ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}

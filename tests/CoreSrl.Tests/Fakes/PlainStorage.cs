using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>A storage reduced to its five verbs: what it does better than the contract's own bodies, its checks too, is not used.</summary>
internal sealed class PlainStorage(ICheckpointStorage inner) : ICheckpointStorage
{
    public string Location => inner.Location;

    public StorageCapabilities Capabilities => inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(key, offset, destination, cancellationToken);

    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteAsync(key, content, condition, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}

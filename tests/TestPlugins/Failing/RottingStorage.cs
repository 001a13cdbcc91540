using System.Buffers;
using CoreSrl.Abstractions;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>A local storage that loses a bit of the adapters of final checkpoints, without a word.</summary>
[Plugin("rotting")]
public sealed class RottingStorage(StorageContext context) : ICheckpointStorage
{
    private readonly LocalStoragePlugin _inner = new(new(), context);

    public string Location => _inner.Location;

    public StorageCapabilities Capabilities => _inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => _inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _inner.ReadAsync(key, offset, destination, cancellationToken);

    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (!key.StartsWith("final_", StringComparison.Ordinal) || !key.EndsWith(".pt", StringComparison.Ordinal))
            return _inner.WriteAsync(key, content, condition, cancellationToken);
        var bytes = content.ToArray();
        bytes[bytes.Length / 2] ^= 1;
        return _inner.WriteAsync(key, new(bytes), condition, cancellationToken);
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => _inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(key, cancellationToken);
}

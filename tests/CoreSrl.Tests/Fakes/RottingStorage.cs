using System.Buffers;
using CoreSrl.Abstractions;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Fakes;

public sealed record RottingStorageOptions
{
    /// <summary>What the keys end with of which a final checkpoint's first object does not keep its bytes.</summary>
    public string Rots { get; init; } = "lora_0.pt";
}

/// <summary>A local storage that loses a bit of one object of the first final checkpoint, without a word.</summary>
[Plugin("local")]
public sealed class RottingStorage(RottingStorageOptions options, StorageContext context) : ICheckpointStorage
{
    private readonly LocalStoragePlugin _inner = new(new(), context);
    private int _rotten;

    public string Location => _inner.Location;

    public StorageCapabilities Capabilities => _inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => _inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _inner.ReadAsync(key, offset, destination, cancellationToken);

    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (key.StartsWith("final_", StringComparison.Ordinal) && key.EndsWith(options.Rots, StringComparison.Ordinal) && Interlocked.Exchange(ref _rotten, 1) == 0)
        {
            var bytes = content.ToArray();
            bytes[bytes.Length / 2] ^= 1;
            content = new(bytes);
        }

        return _inner.WriteAsync(key, content, condition, cancellationToken);
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => _inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(key, cancellationToken);
}

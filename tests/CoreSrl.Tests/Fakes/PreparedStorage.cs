using System.Buffers;
using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>The storage that a test has prepared for a directory, as a plugin.</summary>
[Plugin("local")]
public sealed class PreparedStorage(StorageContext context) : ICheckpointStorage
{
    // A plugin is made by the engine: what a test shares with it must be found by something that both know.
    private static readonly ConcurrentDictionary<string, ICheckpointStorage> Prepared = new(StringComparer.Ordinal);

    private readonly ICheckpointStorage _inner = Prepared[context.Directory];

    public string Location => _inner.Location;

    public StorageCapabilities Capabilities => _inner.Capabilities;

    public static void Prepare(string directory, ICheckpointStorage storage) => Prepared[directory] = storage;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => _inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _inner.ReadAsync(key, offset, destination, cancellationToken);

    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        _inner.WriteAsync(key, content, condition, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => _inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(key, cancellationToken);
}

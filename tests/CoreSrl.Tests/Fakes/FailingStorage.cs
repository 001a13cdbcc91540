using System.Buffers;
using CoreSrl.Abstractions;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Fakes;

public sealed record FailingStorageOptions
{
    /// <summary>How many commits fail before the first that does not.</summary>
    public int Failures { get; init; }

    /// <summary>How long a failing commit takes.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>A local storage whose first commits fail, with an exception that is none of the contract's.</summary>
[Plugin("local")]
public sealed class FailingStorage(FailingStorageOptions options, StorageContext context) : ICheckpointStorage
{
    private readonly LocalStoragePlugin _inner = new(new(), context);
    private int _failures = options.Failures;

    public string Location => _inner.Location;

    public StorageCapabilities Capabilities => _inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => _inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _inner.ReadAsync(key, offset, destination, cancellationToken);

    public async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (!key.EndsWith("/metadata.json", StringComparison.Ordinal) || Interlocked.Decrement(ref _failures) < 0)
            return await _inner.WriteAsync(key, content, condition, cancellationToken);
        await Task.Delay(options.Delay, cancellationToken);
        throw new TimeoutException("the wire is cut");
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => _inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(key, cancellationToken);
}

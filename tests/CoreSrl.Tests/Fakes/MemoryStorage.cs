using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Objects in memory, where a test need not touch the disk.</summary>
internal sealed class MemoryStorage : ICheckpointStorage
{
    private readonly Lock _gate = new();

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What the storage's clock says.</summary>
    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UnixEpoch;

    private ConcurrentDictionary<string, DateTimeOffset> Modified { get; } = new(StringComparer.Ordinal);

    public string Location { get; init; } = "memory";

    public StorageCapabilities Capabilities { get; init; } = new() { IsLocal = true };

    /// <summary>The lengths that were read, in no order.</summary>
    public ConcurrentBag<int> Reads { get; } = [];

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Objects.TryGetValue(key, out var bytes) ? Describe(key, bytes) : null);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!Objects.TryGetValue(key, out var bytes))
            throw new StorageException(StorageErrorKind.NotFound, key, $"there is no '{key}'");
        Reads.Add(destination.Length);
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        lock (_gate)
        {
            var present = Objects.TryGetValue(key, out var found) ? Describe(key, found) : null;
            if ((condition.MustBeAbsent && present is not null) || (condition.ETag is { } etag && present?.ETag != etag))
                throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' exists already, or has changed");
            Objects[key] = bytes;
            Modified[key] = Now();
        }

        return ValueTask.FromResult(Describe(key, bytes));
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, bytes) in Objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(o => o.Key, StringComparer.Ordinal))
            yield return Describe(key, bytes);
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Objects.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }

    // An array is replaced as a whole, so its identity names the version.
    private ObjectInfo Describe(string key, byte[] bytes) =>
        new(key, bytes.Length, $"{RuntimeHelpers.GetHashCode(bytes)}", Modified.GetValueOrDefault(key, DateTimeOffset.UnixEpoch));
}

using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Objects in memory, where a test need not touch the disk.</summary>
internal sealed class MemoryStorage : ICheckpointStorage
{
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    public string Location => "memory";

    public StorageCapabilities Capabilities { get; } = new() { IsLocal = true };

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Objects.TryGetValue(key, out var bytes) ? Describe(key, bytes) : null);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!Objects.TryGetValue(key, out var bytes))
            throw new StorageException(StorageErrorKind.NotFound, key, $"there is no '{key}'");
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        if (!condition.MustBeAbsent)
            Objects[key] = bytes;
        else if (!Objects.TryAdd(key, bytes))
            throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' exists already");
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

    private static ObjectInfo Describe(string key, byte[] bytes) =>
        new(key, bytes.Length, Convert.ToHexString(XxHash128.Hash(bytes)), DateTimeOffset.UnixEpoch);
}

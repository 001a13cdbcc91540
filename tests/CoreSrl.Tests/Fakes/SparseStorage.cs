using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>A storage for objects of gigabytes that are mostly zero; conditions are left to others' tests.</summary>
internal sealed class SparseStorage : ICheckpointStorage
{
    private readonly ConcurrentDictionary<string, SparseBytes> _objects = new(StringComparer.Ordinal);

    public string Location => "sparse memory";

    public StorageCapabilities Capabilities { get; } = new() { IsLocal = true };

    /// <summary>The sizes of all objects, by key.</summary>
    public IReadOnlyDictionary<string, long> Sizes => _objects.ToDictionary(pair => pair.Key, pair => pair.Value.Length);

    /// <summary>An object's bytes, to look at or to spoil.</summary>
    public SparseBytes this[string key] => _objects[key];

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_objects.TryGetValue(key, out var bytes) ? Describe(key, bytes) : null);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        _objects[key].CopyTo(offset, destination.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = new SparseBytes(content.Length);
        var offset = 0L;
        foreach (var segment in content)
        {
            bytes.CopyFrom(offset, segment.Span);
            offset += segment.Length;
        }

        _objects[key] = bytes;
        return ValueTask.FromResult(Describe(key, bytes));
    }

    public async ValueTask<ObjectInfo> WriteFromAsync(
        string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = new SparseBytes(content.Length);
        var buffer = new byte[4 << 20];
        for (var offset = 0L; offset < content.Length; offset += buffer.Length)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, content.Length - offset));
            await content.ReadAsync(offset, piece, cancellationToken);
            bytes.CopyFrom(offset, piece.Span);
        }

        _objects[key] = bytes;
        return Describe(key, bytes);
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, bytes) in _objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(o => o.Key, StringComparer.Ordinal))
            yield return Describe(key, bytes);
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        _objects.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }

    // An object is replaced as a whole, so its identity names the version.
    private static ObjectInfo Describe(string key, SparseBytes bytes) =>
        new(key, bytes.Length, $"{RuntimeHelpers.GetHashCode(bytes)}", DateTimeOffset.UnixEpoch);
}

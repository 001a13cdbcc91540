using System.Buffers;
using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Another storage with a record of what was changed, and a place to make calls fail or wait.</summary>
internal sealed class FaultyStorage(ICheckpointStorage inner) : ICheckpointStorage
{
    private readonly ConcurrentQueue<string> _changes = [];

    /// <summary>Called before each write (<c>write</c>, <c>create</c> where it must be absent) and <c>delete</c>, with its key.</summary>
    public Func<string, string, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Each change that was made, as <c>verb key</c>, in order.</summary>
    public IReadOnlyList<string> Changes => [.. _changes];

    public string Location => inner.Location;

    public StorageCapabilities Capabilities => inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(key, offset, destination, cancellationToken);

    public async ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var verb = condition.MustBeAbsent ? "create" : "write";
        await Before(verb, key);
        var info = await inner.WriteAsync(key, content, condition, cancellationToken);
        _changes.Enqueue($"{verb} {key}");
        return info;
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await Before("delete", key);
        await inner.DeleteAsync(key, cancellationToken);
        _changes.Enqueue($"delete {key}");
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>Another storage with a record of what was changed, and places to make calls fail or wait.</summary>
internal sealed class FaultyStorage(ICheckpointStorage inner) : ICheckpointStorage
{
    private readonly ConcurrentQueue<string> _changes = [];

    /// <summary>Called before each write (<c>write</c>, <c>create</c> where it must be absent) and <c>delete</c>, with its key.</summary>
    public Func<string, string, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called likewise when the change is made, and not yet answered.</summary>
    public Func<string, string, Task> After { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called before each <c>stat</c> and <c>read</c>, with its key, and for each object that a listing has found (<c>list</c>).</summary>
    public Func<string, string, Task> Reading { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called with its prefix when a listing is asked for, before it begins.</summary>
    public Action<string> Listing { get; set; } = _ => { };

    /// <summary>Under which key each object that a listing has found is shown.</summary>
    public Func<string, string> Showing { get; set; } = key => key;

    /// <summary>Called with the key of an object and what was read of it, which may be changed.</summary>
    public Action<string, Memory<byte>> Bringing { get; set; } = (_, _) => { };

    /// <summary>Each change that was made, as <c>verb key</c>, in order.</summary>
    public IReadOnlyList<string> Changes => [.. _changes];

    public string Location => inner.Location;

    public StorageCapabilities Capabilities => inner.Capabilities;

    public async ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        await Reading("stat", key);
        return await inner.StatAsync(key, cancellationToken);
    }

    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await Reading("read", key);
        await inner.ReadAsync(key, offset, destination, cancellationToken);
        Bringing(key, destination);
    }

    public async ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var verb = condition.MustBeAbsent ? "create" : "write";
        await Before(verb, key);
        var info = await inner.WriteAsync(key, content, condition, cancellationToken);
        _changes.Enqueue($"{verb} {key}");
        await After(verb, key);
        return info;
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        Listing(prefix);
        return EachAsync(prefix, cancellationToken);
    }

    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await Before("delete", key);
        await inner.DeleteAsync(key, cancellationToken);
        _changes.Enqueue($"delete {key}");
        await After("delete", key);
    }

    private async IAsyncEnumerable<ObjectInfo> EachAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var info in inner.ListAsync(prefix, cancellationToken))
        {
            await Reading("list", info.Key);
            yield return info with { Key = Showing(info.Key) };
        }
    }
}

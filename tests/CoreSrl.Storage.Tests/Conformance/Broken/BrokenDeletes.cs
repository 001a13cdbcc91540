using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class DeletesByPrefix(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        await foreach (var info in Inner.ListAsync("", cancellationToken))
        {
            if (info.Key.StartsWith(key, StringComparison.Ordinal))
                await Inner.DeleteAsync(info.Key, cancellationToken);
        }
    }
}

/// <summary>What it deleted it still reads.</summary>
internal sealed class Trash(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _deleted = [];

    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.ReadAllAsync(key, cancellationToken) is { } found)
            _deleted[key] = found.Content;
        await Inner.DeleteAsync(key, cancellationToken);
    }

    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is null && _deleted.TryGetValue(key, out var deleted))
            deleted.Slice((int)offset, destination.Length).CopyTo(destination);
        else
            await Inner.ReadAsync(key, offset, destination, cancellationToken);
    }
}

/// <summary>Forgives that an object is not there, and its folder, but not that this folder's folder is not there.</summary>
internal sealed class DeletesInFolders(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        if (key.Split('/') is [var top, _, _, ..] && !await Inner.ListAsync($"{top}/", cancellationToken).AnyAsync(cancellationToken))
            throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{top}'.");
        await Inner.DeleteAsync(key, cancellationToken);
    }
}

internal sealed class DeleteRace(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is null)
            return;
        await Task.Delay(30, cancellationToken);
        if (await Inner.StatAsync(key, cancellationToken) is null)
            throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{key}'.");
        await Inner.DeleteAsync(key, cancellationToken);
    }
}

using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class EmptyIsNothing(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        await Inner.StatAsync(key, cancellationToken) is { Length: > 0 } info ? info : null;
}

internal sealed class ShortRead(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length = (await Inner.StatAsync(key, cancellationToken))?.Length ?? 0;
        await Inner.ReadAsync(key, Math.Min(offset, length), destination[..(int)Math.Clamp(length - offset, 0, destination.Length)], cancellationToken);
    }
}

internal sealed class ReadAllThrows(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken) =>
        await Inner.ReadAllAsync(key, cancellationToken) ?? throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{key}'.");
}

internal sealed class FactsThenBytes(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is not { } info)
            return null;
        await Task.Delay(1, cancellationToken);
        return await Inner.ReadAllAsync(key, cancellationToken) is { } found ? new(info, found.Content) : null;
    }
}

internal sealed class RangeByRange(ICheckpointStorage inner) : PassingStorage(inner)
{
    private const int Range = 8 << 20;

    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var done = 0; done < destination.Length; done += Range)
        {
            await Inner.ReadAsync(key, offset + done, destination[done..Math.Min(destination.Length, done + Range)], cancellationToken);
            await Task.Delay(1, cancellationToken);
        }
    }
}

internal sealed class CachedStat(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, ObjectInfo> _known = [];

    public override async ValueTask<ObjectInfo> WriteAsync(string key, System.Buffers.ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        _known[key] = await Inner.WriteAsync(key, content, condition, cancellationToken);

    public override async ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        _known.TryGetValue(key, out var known) ? known : await Inner.StatAsync(key, cancellationToken);
}

internal sealed class CachedReads(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, byte[]> _known = [];

    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(key, out var known) && known.Length == destination.Length)
        {
            known.CopyTo(destination);
            return;
        }

        await Inner.ReadAsync(key, offset, destination, cancellationToken);
        _known[key] = destination.ToArray();
    }
}

internal sealed class SilentErrors(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            await Inner.ReadAsync(key, offset, destination, cancellationToken);
        }
        catch (StorageException e)
        {
            throw new StorageException(e.Kind, "", "It did not work.");
        }
    }
}

internal sealed class LocationWithSlash(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override string Location => base.Location + "/";
}

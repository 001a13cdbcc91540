using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>Counts bytes in 32 bits.</summary>
internal sealed class ShortOffset(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        Inner.ReadAsync(key, unchecked((uint)offset), destination, cancellationToken);
}

internal sealed class ReadsFolders(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.ReadAllAsync(key, cancellationToken) is { } found)
            return found;
        var below = await Inner.ListAsync($"{key}/", cancellationToken).FirstOrDefaultAsync(cancellationToken);
        return below is null ? null : new(below with { Key = key, Length = 0 }, ReadOnlyMemory<byte>.Empty);
    }
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
    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty)
            await Inner.ReadAsync(key, offset, destination, cancellationToken);
        for (var done = 0; done < destination.Length; done += Part.Length)
        {
            await Inner.ReadAsync(key, offset + done, destination[done..Math.Min(destination.Length, done + Part.Length)], cancellationToken);
            await Task.Delay(1, cancellationToken);
        }
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

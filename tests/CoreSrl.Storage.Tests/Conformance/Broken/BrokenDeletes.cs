using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class DeletesByPrefix(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await foreach (var info in Inner.ListAsync("", cancellationToken))
        {
            if (info.Key.StartsWith(key, StringComparison.Ordinal))
                await Inner.DeleteAsync(info.Key, cancellationToken);
        }
    }
}

internal sealed class DeleteMustFind(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is null)
            throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{key}'.");
        await Inner.DeleteAsync(key, cancellationToken);
    }
}

internal sealed class DeleteRace(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is null)
            return;
        await Task.Delay(1, cancellationToken);
        await new DeleteMustFind(Inner).DeleteAsync(key, cancellationToken);
    }
}

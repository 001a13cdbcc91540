using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class DeafToCancellation(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(key, content, condition, CancellationToken.None);
}

internal sealed class KeepsWhatItGot(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Inner.WriteAsync(key, new(new byte[content.Length / 2]), condition, CancellationToken.None);
            throw;
        }
    }
}

internal sealed class KeepsHalf(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await Task.Delay(cancellationToken.CanBeCanceled ? 1_000 : 0, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Inner.WriteAsync(key, content.Slice(content.Length / 2), condition, CancellationToken.None);
            throw;
        }

        return await Inner.WriteAsync(key, content, condition, cancellationToken);
    }
}

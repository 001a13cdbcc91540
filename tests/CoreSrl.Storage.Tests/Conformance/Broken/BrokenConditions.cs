using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>Some servers take a condition that they do not know, and ignore it.</summary>
internal sealed class Unconditional(ICheckpointStorage inner, Func<WriteCondition, bool> ignored, long from = 0) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(key, content, ignored(condition) && content.Length >= from ? WriteCondition.Always : condition, cancellationToken);
}

internal sealed class UnconditionalSource(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteFromAsync(key, content, WriteCondition.Always, cancellationToken);
}

/// <summary>Right as long as nobody else writes.</summary>
internal sealed class LookThenWrite(ICheckpointStorage inner, long from = 0) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (content.Length < from)
            return await Inner.WriteAsync(key, content, condition, cancellationToken);
        var found = await Inner.StatAsync(key, cancellationToken);
        if ((condition.MustBeAbsent && found is not null) || (condition.ETag is { } etag && etag != found?.ETag))
            throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' is not what it was to be.");
        await Task.Delay(1, cancellationToken);
        return await Inner.WriteAsync(key, content, WriteCondition.Always, cancellationToken);
    }
}

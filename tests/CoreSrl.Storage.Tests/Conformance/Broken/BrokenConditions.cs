using System.Buffers;
using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>A client reads when it is opened what was deleted before, and takes it for objects.</summary>
internal sealed class ReadsGravestones(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly HashSet<string> _deleted = [.. Shared<ConcurrentDictionary<string, bool>>.Of(inner).Keys];

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition.MustBeAbsent && _deleted.Contains(key))
            throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' is there.");
        return await Inner.WriteAsync(key, content, condition, cancellationToken);
    }

    public override ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Shared<ConcurrentDictionary<string, bool>>.Of(Inner)[key] = true;
        return Inner.DeleteAsync(key, cancellationToken);
    }
}

/// <summary>A client knows the tag of the first object that it wrote without a condition, and asks nobody whether another has changed it.</summary>
internal sealed class KnowsItsFirst(ICheckpointStorage inner) : PassingStorage(inner)
{
    private (string Key, string? ETag)? _first;

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var known = condition.ETag is not null && _first == (key, condition.ETag);
        var written = await Inner.WriteAsync(key, content, known ? WriteCondition.Always : condition, cancellationToken);
        if (_first is null && condition == WriteCondition.Always)
            _first = (key, written.ETag);
        else if (_first?.Key == key)
            _first = (key, null);
        return written;
    }
}

/// <summary>Some servers take a condition that they do not know, and ignore it.</summary>
internal sealed class UnconditionalParts(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(key, content, condition.ETag is not null && content.Length > Part.Length ? WriteCondition.Always : condition, cancellationToken);
}

internal sealed class UnconditionalSource(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteFromAsync(key, content, content.Length > Part.Length ? condition : WriteCondition.Always, cancellationToken);
}

/// <summary>Right as long as nobody else writes.</summary>
internal abstract class LookThenWrite(ICheckpointStorage inner) : PassingStorage(inner)
{
    /// <summary>Long enough that whoever races comes in between, on a busy machine too.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (!Looks(key, content.Length, condition))
            return await Inner.WriteAsync(key, content, condition, cancellationToken);
        var found = await Inner.StatAsync(key, cancellationToken);
        if ((condition.MustBeAbsent && found is not null) || (condition.ETag is { } etag && etag != found?.ETag))
            throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' is not what it was to be.");
        await Task.Delay(Pause, cancellationToken);
        return await Inner.WriteAsync(key, content, WriteCondition.Always, cancellationToken);
    }

    /// <summary>Whether a write is done so.</summary>
    protected abstract bool Looks(string key, long length, WriteCondition condition);
}

internal sealed class LooksForSmallOnes(ICheckpointStorage inner) : LookThenWrite(inner)
{
    protected override bool Looks(string key, long length, WriteCondition condition) => condition.MustBeAbsent && length <= Part.Length;
}

internal sealed class LooksForLargeOnes(ICheckpointStorage inner) : LookThenWrite(inner)
{
    protected override bool Looks(string key, long length, WriteCondition condition) => condition.MustBeAbsent && length > Part.Length;
}

/// <summary>One connection keeps the condition; a client opens more when it is called while it writes.</summary>
internal sealed class LooksWhenBusy(ICheckpointStorage inner) : LookThenWrite(inner)
{
    private int _writes;

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _writes);
        try
        {
            if (condition.ETag is not null)
                await Task.Delay(Pause, cancellationToken);
            return await base.WriteAsync(key, content, condition, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _writes);
        }
    }

    protected override bool Looks(string key, long length, WriteCondition condition) => condition.ETag is not null && _writes > 1;
}

/// <summary>A client that has read an object looks whether it is still the same.</summary>
internal sealed class LooksAtWhatItRead(ICheckpointStorage inner) : LookThenWrite(inner)
{
    private string? _read;

    public override async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        var found = await Inner.ReadAllAsync(key, cancellationToken);
        _read = found?.Info.ETag;
        return found;
    }

    protected override bool Looks(string key, long length, WriteCondition condition) => condition.ETag is { } etag && etag == _read;
}

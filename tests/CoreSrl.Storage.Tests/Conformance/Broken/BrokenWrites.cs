using System.Buffers;
using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class FirstSegmentOnly(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(key, new(content.First), condition, cancellationToken);
}

internal sealed class KeptReference(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, ReadOnlySequence<byte>> _kept = [];

    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        _kept[key] = content;
        return Inner.WriteAsync(key, content, condition, cancellationToken);
    }

    public override ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        _kept[key].Slice(offset, destination.Length).CopyTo(destination.Span);
        return ValueTask.CompletedTask;
    }
}

internal sealed class OldTail(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var old = (await Inner.ReadAllAsync(key, cancellationToken))?.Content.ToArray() ?? [];
        return await Inner.WriteAsync(key, new([.. content.ToArray(), .. old.Skip((int)content.Length)]), condition, cancellationToken);
    }
}

internal sealed class LostPart(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        bytes.AsSpan(Math.Min(bytes.Length, 8 << 20), bytes.Length < 16 << 20 ? 0 : 8 << 20).Clear();
        return Inner.WriteAsync(key, new(bytes), condition, cancellationToken);
    }
}

internal sealed class LostPartOfASource(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Length];
        for (var offset = 0; offset < bytes.Length; offset += 8 << 20)
            await content.ReadAsync(offset, bytes.AsMemory(offset, Math.Min(8 << 20, bytes.Length - offset)), cancellationToken);
        return await new LostPart(Inner).WriteAsync(key, new(bytes), condition, cancellationToken);
    }
}

internal sealed class ReadFirstCheckLater(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        await content.ReadAsync(0, new byte[1], cancellationToken);
        return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
    }
}

internal sealed class Placeholder(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        await Inner.WriteAsync(key, default, condition, cancellationToken);
        return await Inner.WriteFromAsync(key, content, WriteCondition.Always, cancellationToken);
    }
}

internal sealed class DeletedFirst(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        await Inner.DeleteAsync(key, cancellationToken);
        return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
    }
}

internal sealed class WholeBlocks(ICheckpointStorage inner) : PassingStorage(inner)
{
    private const int Block = 4 << 20;

    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var blocks = new byte[(content.Length / Block + 1) * Block];
        for (var offset = 0; offset < content.Length; offset += Block)
            await content.ReadAsync(offset, blocks.AsMemory(offset, Block), cancellationToken);
        return await Inner.WriteAsync(key, new(blocks.AsMemory(0, (int)content.Length)), condition, cancellationToken);
    }
}

internal sealed class TranslatedSource(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        try
        {
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        }
        catch (IOException e) when (e is not StorageException)
        {
            throw new StorageException(StorageErrorKind.Transient, key, e.Message, e);
        }
    }
}

internal sealed class SharedKey(ICheckpointStorage inner) : PassingStorage(inner)
{
    private string _key = "";

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        _key = key;
        await Task.Yield();
        return await Inner.WriteAsync(_key, content, condition, cancellationToken);
    }
}

internal sealed class TwoHalves(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var own = content.ToArray();
        var half = own.Length / 2;
        await Inner.WriteAsync(key, new(own.AsMemory(0, half)), condition, cancellationToken);
        await Task.Delay(Random.Shared.Next(5), cancellationToken);
        var found = (await Inner.ReadAllAsync(key, cancellationToken))!.Content;
        return await Inner.WriteAsync(key, new([.. found.Span[..Math.Min(half, found.Length)], .. own.AsSpan(half)]), condition, cancellationToken);
    }
}

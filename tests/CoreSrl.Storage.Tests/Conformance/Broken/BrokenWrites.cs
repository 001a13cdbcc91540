using System.Buffers;
using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class FirstSegmentOnly(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(key, content.Length > Part.Length ? content : new(content.First), condition, cancellationToken);
}

/// <summary>Reads small objects that it wrote from the memory that they came from, as long as they are the newest.</summary>
internal sealed class KeptReference(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, (string ETag, ReadOnlySequence<byte> Content)> _kept = [];

    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var written = await Inner.WriteAsync(key, content, condition, cancellationToken);
        if (content.Length <= Part.Length)
            _kept[key] = (written.ETag, content);
        return written;
    }

    public override async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await Inner.ReadAsync(key, offset, destination, cancellationToken);
        if (_kept.TryGetValue(key, out var kept) && (await Inner.StatAsync(key, cancellationToken))?.ETag == kept.ETag)
            kept.Content.Slice(offset, destination.Length).CopyTo(destination.Span);
    }
}

/// <summary>Cuts an object off when it is written anew only if little is to go.</summary>
internal sealed class OldTail(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var old = condition == WriteCondition.Always ? (await Inner.ReadAllAsync(key, cancellationToken))?.Content.ToArray() ?? [] : [];
        var left = old.Length > 2 * content.Length ? old[(int)content.Length..] : [];
        return await Inner.WriteAsync(key, left is [] ? content : new([.. content.ToArray(), .. left]), condition, cancellationToken);
    }
}

/// <summary>Loses one part of several, where the memory is in pieces.</summary>
internal sealed class LostPart(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (content.IsSingleSegment || content.Length <= 2 * Part.Length)
            return Inner.WriteAsync(key, content, condition, cancellationToken);
        var bytes = content.ToArray();
        bytes.AsSpan(Part.Length, Part.Length).Clear();
        return Inner.WriteAsync(key, new(bytes), condition, cancellationToken);
    }
}

internal sealed class LostPartOfASource(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (content.Length <= 2 * Part.Length || !Inner.Takes(content.Length, condition))
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        var bytes = new byte[content.Length];
        for (var offset = 0; offset < bytes.Length; offset += Part.Length)
            await content.ReadAsync(offset, bytes.AsMemory(offset, Math.Min(Part.Length, bytes.Length - offset)), cancellationToken);
        bytes.AsSpan(Part.Length, Part.Length).Clear();
        return await Inner.WriteAsync(key, new(bytes), condition, cancellationToken);
    }
}

internal sealed class ReadFirstCheckLater(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        await content.ReadAsync(0, new byte[Math.Min(1, content.Length)], cancellationToken);
        return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
    }
}

internal sealed class Placeholder(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (!Inner.Takes(content.Length, condition) || await Inner.StatAsync(key, cancellationToken) is not null)
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        await Inner.WriteAsync(key, default, condition, cancellationToken);
        try
        {
            return await Inner.WriteFromAsync(key, content, WriteCondition.Always, cancellationToken);
        }
        catch
        {
            await Inner.DeleteAsync(key, CancellationToken.None);
            throw;
        }
    }
}

/// <summary>Nobody reads an object while it is being replaced.</summary>
internal sealed class LockedWhileReplaced(ICheckpointStorage inner) : PassingStorage(inner)
{
    private ConcurrentDictionary<string, bool> Locked => Shared<ConcurrentDictionary<string, bool>>.Of(Inner);

    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (await Inner.StatAsync(key, cancellationToken) is null)
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        Locked[key] = true;
        try
        {
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
        }
        finally
        {
            Locked.TryRemove(key, out _);
        }
    }

    public override ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => Locked.ContainsKey(key)
        ? throw new StorageException(StorageErrorKind.Transient, key, $"'{key}' is being replaced.")
        : Inner.StatAsync(key, cancellationToken);
}

internal sealed class WholeBlocks(ICheckpointStorage inner) : PassingStorage(inner)
{
    private const int Block = 4 << 20;

    public override async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (content.Length > 2 * Part.Length)
            return await Inner.WriteFromAsync(key, content, condition, cancellationToken);
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
        if (content.Length < 1_000)
            return await Inner.WriteAsync(key, content, condition, cancellationToken);
        _key = key;
        await Task.Yield();
        return await Inner.WriteAsync(_key, content, condition, cancellationToken);
    }
}

internal sealed class TwoHalves(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition != WriteCondition.Always || content.Length is < 10_000 or > Part.Length)
            return await Inner.WriteAsync(key, content, condition, cancellationToken);
        var own = content.ToArray();
        var half = own.Length / 2;
        await Inner.WriteAsync(key, new(own.AsMemory(0, half)), condition, cancellationToken);
        await Task.Delay(5, cancellationToken);
        var found = (await Inner.ReadAllAsync(key, cancellationToken))!.Content;
        return await Inner.WriteAsync(key, new([.. found.Span[..Math.Min(half, found.Length)], .. own.AsSpan(half)]), condition, cancellationToken);
    }
}

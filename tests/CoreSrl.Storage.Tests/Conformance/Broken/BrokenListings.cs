using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class LocalTimeInListings(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Select(info => info with { Modified = info.Modified.AddHours(1) });
}

/// <summary>Some take an empty object for the mark of a folder.</summary>
internal sealed class EmptyIsNotListed(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Where(info => info.Length > 0);
}

/// <summary>What comes of walking through a folder: the names of those in it are in order, and the keys are not.</summary>
internal sealed class OrderOfFolders(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        prefix is "" ? Inner.ListAsync(prefix, cancellationToken) : Inner.ListAsync(prefix, cancellationToken).OrderBy(info => info.Key.Replace('/', '\0'), StringComparer.Ordinal);
}

internal sealed class AnyPrefix(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => prefix.EndsWith('/')
        ? Inner.ListAsync(prefix, cancellationToken)
        : Inner.ListAsync("", cancellationToken).Where(info => info.Key.StartsWith(prefix, StringComparison.Ordinal));
}

internal sealed class FirstPageOnly(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Take(250);
}

internal sealed class PagesByNumber(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var start = 0; ; start += 5)
        {
            var page = await Inner.ListAsync(prefix, cancellationToken).Skip(start).Take(5).ToListAsync(cancellationToken);
            foreach (var info in page)
                yield return info;
            await Task.Delay(1, cancellationToken);
            if (page.Count == 0)
                yield break;
        }
    }
}

internal sealed class FoldersByName(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListFoldersAsync(prefix, cancellationToken).Order(StringComparer.Ordinal);
}

internal sealed class FoldersOfAnyPrefix(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListFoldersAsync(prefix is "" || prefix.EndsWith('/') ? prefix : $"{prefix}/", cancellationToken);
}

internal sealed class OneListingAtATime(ICheckpointStorage inner) : PassingStorage(inner)
{
    private bool _open;

    public override async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_open)
            throw new InvalidOperationException("Another listing is open.");
        await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
        {
            _open = true;
            yield return info;
        }

        _open = false;
    }
}

/// <summary>Looks again only when it has changed something itself.</summary>
internal sealed class CachedListings(ICheckpointStorage inner) : PassingStorage(inner)
{
    private readonly ConcurrentDictionary<string, List<ObjectInfo>> _known = [];

    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        prefix is "" ? Inner.ListAsync(prefix, cancellationToken) : KnownAsync(prefix, cancellationToken);

    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        Forget(key);
        return Inner.WriteAsync(key, content, condition, cancellationToken);
    }

    public override ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Forget(key);
        return Inner.DeleteAsync(key, cancellationToken);
    }

    private async IAsyncEnumerable<ObjectInfo> KnownAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(prefix, out var known))
            _known[prefix] = known = await Inner.ListAsync(prefix, cancellationToken).ToListAsync(cancellationToken);
        foreach (var info in known)
            yield return info;
    }

    private void Forget(string key)
    {
        foreach (var prefix in _known.Keys.Where(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
            _known.TryRemove(prefix, out _);
    }
}

/// <summary>The place is created by the first write.</summary>
internal sealed class NoPlaceIsAnError(ICheckpointStorage inner) : PassingStorage(inner)
{
    private StrongBox<bool> Created => Shared<StrongBox<bool>>.Of(Inner);

    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        Created.Value = true;
        return Inner.WriteAsync(key, content, condition, cancellationToken);
    }

    public override ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        Created.Value = true;
        return Inner.WriteFromAsync(key, content, condition, cancellationToken);
    }

    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => Created.Value || prefix is not ""
        ? Inner.ListAsync(prefix, cancellationToken)
        : throw new StorageException(StorageErrorKind.NotFound, prefix, $"There is no '{Location}'.");
}

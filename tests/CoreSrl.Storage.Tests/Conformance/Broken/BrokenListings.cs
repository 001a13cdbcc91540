using System.Runtime.CompilerServices;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

internal sealed class OtherTagInListings(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Select(info => info with { ETag = $"\"{info.ETag}\"" });
}

/// <summary>What most servers do: in UTF-8 a character beyond U+FFFF comes last.</summary>
internal sealed class OrderOfBytes(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).OrderBy(info => Convert.ToHexString(Encoding.UTF8.GetBytes(info.Key)), StringComparer.Ordinal);
}

internal sealed class PrefixOfNames(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync("", cancellationToken).Where(info => info.Key.StartsWith(prefix.TrimEnd('/'), StringComparison.Ordinal));
}

internal sealed class FirstPageOnly(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Take(1_000);
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

internal sealed class ObjectsAsFolders(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, cancellationToken).Select(info => info.Key[prefix.Length..].Split('/')[0]).Distinct();
}

internal sealed class OneListingAtATime(ICheckpointStorage inner) : PassingStorage(inner)
{
    private bool _open;

    public override async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_open)
            throw new InvalidOperationException("Another listing is open.");
        _open = true;
        await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
            yield return info;
        _open = false;
    }
}

internal sealed class NothingIsAnError(ICheckpointStorage inner) : PassingStorage(inner)
{
    public override async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var any = false;
        await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
        {
            any = true;
            yield return info;
        }

        if (!any)
            throw new StorageException(StorageErrorKind.NotFound, prefix, $"There is no '{prefix}'.");
    }
}

using System.Runtime.CompilerServices;
using Amazon.S3.Model;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Lists what lies in the bucket, page by page, as far as keys can name it.</summary>
internal sealed class Listing(S3Connection connection, S3Place place)
{
    /// <summary>The objects whose keys begin with a prefix.</summary>
    public IAsyncEnumerable<ObjectInfo> ObjectsAsync(string prefix, CancellationToken cancellationToken)
    {
        return OrdinalOrder.RestoreAsync(Found(cancellationToken), info => info.Key, cancellationToken);

        async IAsyncEnumerable<ObjectInfo> Found([EnumeratorCancellation] CancellationToken token)
        {
            await foreach (var page in PagesAsync(prefix, null, token).ConfigureAwait(false))
            {
                foreach (var found in page.S3Objects ?? [])
                {
                    var key = Behind(found.Key, prefix);
                    if (IsKey(key))
                        yield return new(key, found.Size ?? 0, ETags.Bare(found.ETag), Download.Time(found.LastModified));
                }
            }
        }
    }

    /// <summary>The folders directly below a prefix.</summary>
    public IAsyncEnumerable<string> FoldersAsync(string prefix, CancellationToken cancellationToken)
    {
        return OrdinalOrder.RestoreAsync(Found(cancellationToken), name => name + "/", cancellationToken);

        async IAsyncEnumerable<string> Found([EnumeratorCancellation] CancellationToken token)
        {
            await foreach (var page in PagesAsync(prefix, "/", token).ConfigureAwait(false))
            {
                foreach (var found in page.CommonPrefixes ?? [])
                {
                    var name = Behind(found, prefix)[prefix.Length..].TrimEnd('/');
                    if (ObjectKey.Flaw(name) is null)
                        yield return name;
                }
            }
        }
    }

    /// <summary>A name without the place's prefix.</summary>
    /// <exception cref="StorageException">It is not what was asked for: no digest guards a listing.</exception>
    private string Behind(string name, string prefix) => name.StartsWith(place.Prefix + prefix, StringComparison.Ordinal)
        ? name[place.Prefix.Length..]
        : throw Failure.Of(StorageErrorKind.Transient, place, prefix, Failure.Damaged);

    /// <summary>Other programs' objects may have names that are no keys, such as the "folders" that a console makes.</summary>
    private static bool IsKey(string key)
    {
        foreach (var part in key.Split('/'))
        {
            if (ObjectKey.Flaw(part) is not null)
                return false;
        }

        return true;
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(
        string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = place.Bucket,
                Prefix = place.Prefix + prefix,
                Delimiter = delimiter,
                ContinuationToken = next,
            };
            var page = await connection.RequestAsync(
                prefix, (client, patience) => client.ListObjectsV2Async(request, patience.Token), cancellationToken).ConfigureAwait(false);
            yield return page;
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }
}

using Amazon.S3;
using Amazon.S3.Model;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Looks, at the first use, whether the bucket is there and may be used: many later answers could not tell a missing bucket
/// from a missing object, or expired credentials from a lack of permission. Creates it where that was asked for.</summary>
internal sealed class BucketCheck(S3Connection connection, S3Place place) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile bool _seen;

    /// <summary>Whether the bucket is there.</summary>
    /// <param name="forWriting">Whether it is to be created, if it is not there and may be.</param>
    /// <param name="cancellationToken">Ends the look early.</param>
    /// <returns>False only where it may be created and nothing has been written yet.</returns>
    /// <exception cref="StorageException">It cannot be used; the message says why.</exception>
    public async ValueTask<bool> IsThereAsync(bool forWriting, CancellationToken cancellationToken)
    {
        if (_seen)
            return true;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _seen = _seen || await LookAsync(cancellationToken).ConfigureAwait(false)
                || (forWriting && await CreateAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether the bucket is there now.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why.</exception>
    public Task<bool> LookAsync(CancellationToken cancellationToken) => connection.RequestAsync("", async (client, patience) =>
    {
        try
        {
            // Not a HEAD, whose errors carry no name.
            await client.ListObjectsV2Async(
                new() { BucketName = place.Bucket, Prefix = place.Prefix, MaxKeys = 1 }, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucket" && place.Create)
        {
            return false;
        }
    }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private Task<bool> CreateAsync(CancellationToken cancellationToken) => connection.RequestAsync("", async (client, patience) =>
    {
        try
        {
            // Amazon wants to be told the region, another server hardly knows it by that name.
            var request = new PutBucketRequest { BucketName = place.Bucket, UseClientRegion = client.Config.ServiceURL is null };
            await client.PutBucketAsync(request, patience.Token).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "BucketAlreadyOwnedByYou")
        {
            // Another process was faster.
        }

        return true;
    }, cancellationToken);
}

using System.Globalization;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Brings content down, straight into the memory where it belongs.</summary>
internal sealed class Download(S3Connection connection, S3Place place, string key, int parallelism)
{
    private string Name => place.Prefix + key;

    /// <summary>Fills memory with a range of the object. A long one comes in pieces, several at a time, all of the version that the
    /// first one found.</summary>
    /// <exception cref="StorageException"><see cref="StorageErrorKind.Transient"/> when the object was replaced meanwhile.</exception>
    public async Task ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.Length <= PartPlan.SingleLength)
        {
            await ReadPieceAsync(offset, destination, null, _ => { }, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var version = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var length = PartPlan.PartLength(destination.Length);
        var first = ReadPieceAsync(offset, destination[..length], null, version.SetResult, failed.Token);
        try
        {
            await Task.WhenAny(first, version.Task).ConfigureAwait(false);
            if (!version.Task.IsCompleted)
                await first.ConfigureAwait(false); // It has failed.
            var etag = await version.Task.ConfigureAwait(false);
            var pieces = (destination.Length - 1) / length; // Beside the first.
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = failed.Token };
            await Parallel.ForAsync(1, pieces + 1, parallel, async (index, token) =>
            {
                var start = index * length;
                var piece = destination.Slice(start, Math.Min(length, destination.Length - start));
                await ReadPieceAsync(offset + start, piece, etag, _ => { }, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Nobody may write to the memory any more.
        }

        await first.ConfigureAwait(false);
    }

    /// <summary>Reads the object as a whole; null when there is none.</summary>
    public async Task<StoredObject?> ReadAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connection.RequestAsync(key, async (client, patience) =>
            {
                var request = new GetObjectRequest { BucketName = place.Bucket, Key = Name };
                using var response = await client.GetObjectAsync(request, patience.Token).ConfigureAwait(false);
                if (response.ContentLength > Array.MaxLength)
                    throw Failure.Of(StorageErrorKind.Permanent, place, key, $"its {response.ContentLength} bytes are too many to read as a whole");
                var content = GC.AllocateUninitializedArray<byte>((int)response.ContentLength);
                await FillAsync(response.ResponseStream, content, patience).ConfigureAwait(false);
                // A server in between may not say the length.
                if (await response.ResponseStream.ReadAsync(new byte[1], patience.Token).ConfigureAwait(false) != 0)
                    throw Failure.Of(StorageErrorKind.Permanent, place, key, "the server does not say how long it is; use one that does");
                if (!Md5.Fits(content, response.Metadata[Md5.Name]))
                    throw Failure.Of(StorageErrorKind.Transient, place, key, Failure.Damaged);
                return new StoredObject(new(key, content.Length, ETags.Bare(response.ETag), Time(response.LastModified)), content);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>A server's time, which is UTC.</summary>
    public static DateTimeOffset Time(DateTime? time) => time is { } known ? new(known.ToUniversalTime()) : default;

    private Task<bool> ReadPieceAsync(long offset, Memory<byte> destination, string? version, Action<string> found, CancellationToken cancellationToken) =>
        connection.RequestAsync(key, async (client, patience) =>
        {
            var request = new GetObjectRequest
            {
                BucketName = place.Bucket,
                Key = Name,
                ByteRange = new(offset, offset + destination.Length - 1),
                EtagToMatch = version,
            };
            using var response = await AskAsync(client, request, patience).ConfigureAwait(false);
            Check(response, offset, destination.Length);
            found(ETags.Bare(response.ETag));
            await FillAsync(response.ResponseStream, destination, patience).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    private async Task<GetObjectResponse> AskAsync(AmazonS3Client client, GetObjectRequest request, Patience patience)
    {
        try
        {
            return await client.GetObjectAsync(request, patience.Token).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            throw Failure.Of(StorageErrorKind.Transient, place, key, "it was replaced while it was read");
        }
    }

    private void Check(GetObjectResponse response, long offset, int count)
    {
        // "bytes 0-9/100"; without it, the server has answered with the whole object.
        var range = response.ContentRange;
        if (range is null ? offset > 0 || response.ContentLength < count : !range.StartsWith($"bytes {offset}-", StringComparison.Ordinal))
            throw Failure.Of(StorageErrorKind.Permanent, place, key, "the server does not answer with the range it was asked for; use one that can");
        if (response.ContentLength >= count)
            return;
        if (long.TryParse(range?[(range.IndexOf('/', StringComparison.Ordinal) + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var total) && total >= offset + count)
            throw Failure.Of(StorageErrorKind.Transient, place, key, "the server answers with less than it was asked for");
        throw Failure.Of(StorageErrorKind.Permanent, place, key, $"it ends at byte {offset + response.ContentLength}: {count} bytes from byte {offset} on reach beyond it");
    }

    private async Task FillAsync(Stream body, Memory<byte> destination, Patience patience)
    {
        while (!destination.IsEmpty)
        {
            var read = await body.ReadAsync(destination, patience.Token).ConfigureAwait(false);
            if (read == 0)
                throw Failure.Of(StorageErrorKind.Transient, place, key, $"the answer ended {destination.Length} bytes too early");
            patience.Moved();
            destination = destination[read..];
        }
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Amazon.S3;
using Amazon.S3.Model;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Brings content up, each request with the MD5 of what it carries, which the server checks.</summary>
internal sealed class Upload(S3Connection connection, S3Place place, string key, int parallelism)
{
    private const string ContentType = "application/octet-stream";

    /// <summary>Thousands of parts take the server longer to put together than anything else.</summary>
    private const int CompletionTimes = 10;

    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(20);

    private string Name => place.Prefix + key;

    /// <summary>Writes an object by one request.</summary>
    /// <returns>The new version's tag.</returns>
    public Task<string> PutAsync(ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        connection.RequestAsync(key, async (client, patience) =>
        {
            using var stream = new SequenceStream(content, patience.Moved);
            return await PutAsync(client, patience, stream, Md5.Of(content, patience), condition).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Writes an object by one request, reading its source once where its bytes may lie in memory meanwhile, else twice: for
    /// their MD5, and to send them.</summary>
    /// <returns>The new version's tag.</returns>
    public async Task<string> PutAsync(IByteSource content, long length, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (length > PartPlan.SingleLength)
            return await PutTwiceReadAsync(content, length, condition, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await content.ReadAsync(0, buffer.AsMemory(0, (int)length), cancellationToken).ConfigureAwait(false);
            return await PutAsync(new ReadOnlySequence<byte>(buffer, 0, (int)length), condition, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes an object part by part, straight from the memory where it lies.</summary>
    /// <returns>The new version's tag.</returns>
    public Task<string> WritePartsAsync(ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        return InPartsAsync(Parts(), cancellationToken);

        // Synchronous, but in the one shape that a source's parts have.
        async IAsyncEnumerable<Part> Parts()
        {
            await ValueTask.CompletedTask.ConfigureAwait(false);
            var length = PartPlan.PartLength(content.Length);
            var rest = content;
            for (var number = 1; rest.Length > 0; number++)
            {
                var piece = rest.Slice(0, Math.Min(length, rest.Length));
                rest = rest.Slice(piece.End);
                yield return new(number, piece, null);
            }
        }
    }

    /// <summary>Writes an object part by part as its source is read, forward and each byte once; as many parts lie in memory as are on
    /// their way.</summary>
    /// <returns>The new version's tag.</returns>
    public Task<string> WritePartsAsync(IByteSource content, long total, CancellationToken cancellationToken)
    {
        return InPartsAsync(Parts(cancellationToken), cancellationToken);

        async IAsyncEnumerable<Part> Parts([EnumeratorCancellation] CancellationToken token)
        {
            var length = PartPlan.PartLength(total);
            var number = 1;
            for (var offset = 0L; offset < total; offset += length)
            {
                var count = (int)Math.Min(length, total - offset);
                var buffer = ArrayPool<byte>.Shared.Rent(count);
                await content.ReadAsync(offset, buffer.AsMemory(0, count), token).ConfigureAwait(false);
                yield return new(number++, new(buffer, 0, count), buffer);
            }
        }
    }

    private async Task<string> PutTwiceReadAsync(IByteSource content, long length, WriteCondition condition, CancellationToken cancellationToken)
    {
        var digest = await Md5.OfAsync(content, length, cancellationToken).ConfigureAwait(false);
        Exception? failure = null;
        try
        {
            return await connection.RequestAsync(key, async (client, patience) =>
            {
                await using var stream = new SourceStream(content, length, patience.Moved, e => failure = e);
                return await PutAsync(client, patience, stream, digest, condition).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException) when (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure); // The source's own error is not this storage's to translate.
            throw;
        }
    }

    private async Task<string> PutAsync(AmazonS3Client client, Patience patience, Stream content, string digest, WriteCondition condition)
    {
        var request = new PutObjectRequest
        {
            BucketName = place.Bucket,
            Key = Name,
            InputStream = content,
            AutoCloseStream = false,
            AutoResetStreamPosition = false,
            ContentType = ContentType,
            MD5Digest = digest,
            Metadata = { [Md5.Name] = digest },
            UseChunkEncoding = false,
            IfNoneMatch = condition.MustBeAbsent ? "*" : null,
            IfMatch = condition.ETag,
        };
        try
        {
            return ETags.Bare((await client.PutObjectAsync(request, patience.Token).ConfigureAwait(false)).ETag);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket" && condition.ETag is not null)
        {
            throw Failure.ConditionFailed(place, key); // So Amazon says that there is nothing any more that could be unchanged.
        }
    }

    private async Task<string> InPartsAsync(IAsyncEnumerable<Part> parts, CancellationToken cancellationToken)
    {
        var id = await BeginAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var tags = new ConcurrentBag<PartETag>();
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(parts, parallel, async (part, token) =>
            {
                try
                {
                    tags.Add(new(part.Number, await SendPartAsync(id, part, token).ConfigureAwait(false)));
                }
                finally
                {
                    if (part.Buffer is { } buffer)
                        ArrayPool<byte>.Shared.Return(buffer);
                }
            }).ConfigureAwait(false);
            return await CompleteAsync(id, tags, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(id).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins an upload; whoever gives up meanwhile does not leave one behind.</summary>
    private async Task<string> BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var beginning = connection.RequestAsync(key, async (client, patience) => (await client.InitiateMultipartUploadAsync(
            new() { BucketName = place.Bucket, Key = Name, ContentType = ContentType }, patience.Token).ConfigureAwait(false)).UploadId, CancellationToken.None);
        try
        {
            return await beginning.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = AbortLateAsync();
            throw;
        }

        async Task AbortLateAsync()
        {
            await ((Task)beginning).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (beginning.IsCompletedSuccessfully)
                await AbortAsync(await beginning.ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private Task<string> SendPartAsync(string id, Part part, CancellationToken cancellationToken) =>
        connection.RequestAsync(key, async (client, patience) =>
        {
            using var stream = new SequenceStream(part.Content, patience.Moved);
            var request = new UploadPartRequest
            {
                BucketName = place.Bucket,
                Key = Name,
                UploadId = id,
                PartNumber = part.Number,
                PartSize = part.Content.Length,
                InputStream = stream,
                MD5Digest = Md5.Of(part.Content, patience),
                UseChunkEncoding = false,
            };
            return (await client.UploadPartAsync(request, patience.Token).ConfigureAwait(false)).ETag;
        }, cancellationToken);

    private Task<string> CompleteAsync(string id, IEnumerable<PartETag> tags, CancellationToken cancellationToken) =>
        connection.RequestAsync(key, async (client, patience) =>
        {
            var request = new CompleteMultipartUploadRequest
            {
                BucketName = place.Bucket,
                Key = Name,
                UploadId = id,
                PartETags = [.. tags.OrderBy(tag => tag.PartNumber)],
            };
            var response = await client.CompleteMultipartUploadAsync(request, patience.Token).ConfigureAwait(false);

            // The server may begin its answer before it is done, and then have nothing but an error to say, which the client overlooks.
            if (response.Key is null && response.ETag is null && response.Location is null)
                throw Failure.Of(StorageErrorKind.Transient, place, key, "the server could not put the parts together now");
            return ETags.Bare(response.ETag);
        }, cancellationToken, times: CompletionTimes);

    /// <summary>Has the server forget the parts. Where that fails too, they stay, unseen, until the bucket's rules remove them.</summary>
    private async Task AbortAsync(string id)
    {
        try
        {
            using var limit = new CancellationTokenSource(AbortPatience, connection.Time);
            await connection.RequestAsync(key, async (client, patience) => await client.AbortMultipartUploadAsync(
                new() { BucketName = place.Bucket, Key = Name, UploadId = id }, patience.Token).ConfigureAwait(false), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException or ObjectDisposedException)
        {
            // What failed before is what the caller is told.
        }
    }

    /// <summary>A part of an object.</summary>
    /// <param name="Number">Its number, from 1.</param>
    /// <param name="Content">Its bytes.</param>
    /// <param name="Buffer">The rented memory where they lie; null when it is the caller's own.</param>
    private readonly record struct Part(int Number, ReadOnlySequence<byte> Content, byte[]? Buffer);
}

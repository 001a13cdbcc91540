using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Brings objects into their blobs, a small one by one request, a large one by several blocks at a time.</summary>
/// <param name="place">Where the objects lie.</param>
/// <param name="connection">The way there.</param>
/// <param name="parallelism">How many blocks are under way at a time.</param>
internal sealed class BlobUpload(AzurePlace place, AzureConnection connection, int parallelism) : IDisposable
{
    /// <summary>How much memory blocks may take that are fetched from a source, as long as one block takes less.</summary>
    private const long BlocksInMemory = 128 << 20;

    private readonly BlockDigests _digests = new();

    /// <summary>Writes an object.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="length">Its length.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="condition">On what condition.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="StorageException">It is not written.</exception>
    public Task<ObjectInfo> WriteAsync(string key, long length, BlockSupply content, WriteCondition condition, CancellationToken cancellationToken) =>
        length <= BlockPlan.SingleLength
            ? content.SendAsync(0, (int)length, bytes => PutAsync(key, bytes, condition, cancellationToken), cancellationToken)
            : WriteBlocksAsync(key, length, content, condition, cancellationToken);

    public void Dispose() => _digests.Dispose();

    private Task<ObjectInfo> PutAsync(string key, ReadOnlySequence<byte> bytes, WriteCondition condition, CancellationToken cancellationToken) =>
        connection.WriteAsync(
            key,
            async (container, patience) =>
            {
                using var body = new SequenceStream(bytes, patience.Moved);
                var options = new BlobUploadOptions
                {
                    Conditions = ConditionsOf(condition),
                    // For one request only it takes a digest that is ready; this one it makes by itself.
                    TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
                    TransferOptions = new() { InitialTransferSize = BlockPlan.SingleLength + 1L },
                };
                var blob = container.GetBlockBlobClient(place.Prefix + key);
                var written = await blob.UploadAsync(body, options, patience.Token).ConfigureAwait(false);
                return InfoOf(key, bytes.Length, written.Value);
            },
            cancellationToken);

    private async Task<ObjectInfo> WriteBlocksAsync(string key, long length, BlockSupply content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (length > BlockPlan.MaxObjectLength)
            throw Failure.Of(StorageErrorKind.Permanent, place, key, $"it has {length} bytes, and an object may have {BlockPlan.MaxObjectLength}");
        await CheckAsync(key, condition, cancellationToken).ConfigureAwait(false); // Before the work, to spare it; what counts is the check by the service.
        var blockLength = BlockPlan.BlockLength(length);
        var ids = BlockIds((int)((length + blockLength - 1) / blockLength));
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = (int)Math.Clamp(BlocksInMemory / blockLength, 1, parallelism),
        };
        var digests = _digests.For(content, blockLength, cancellationToken);
        await using (digests.ConfigureAwait(false))
        {
            await Parallel.ForAsync(0, ids.Length, parallel, async (index, token) =>
            {
                var offset = (long)index * blockLength;
                await content.SendAsync(
                    offset,
                    (int)Math.Min(blockLength, length - offset),
                    async bytes => await StageAsync(
                        key, ids[index], bytes, await digests.OfAsync(index, bytes, token).ConfigureAwait(false), token).ConfigureAwait(false),
                    token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }

        if (await CommitAsync(key, length, ids, condition, cancellationToken).ConfigureAwait(false) is { } info)
            return info;
        await CheckAsync(key, condition, cancellationToken).ConfigureAwait(false);
        throw Failure.Of(StorageErrorKind.Transient, place, key, "another writer of the same object was done first, and Azure discarded these blocks with it");
    }

    private Task<bool> StageAsync(string key, string id, ReadOnlySequence<byte> bytes, byte[] digest, CancellationToken cancellationToken)
    {
        var options = new BlockBlobStageBlockOptions
        {
            TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = digest },
        };
        return connection.WriteAsync(
            key,
            async (container, patience) =>
            {
                using var body = new SequenceStream(bytes, patience.Moved);
                await container.GetBlockBlobClient(place.Prefix + key).StageBlockAsync(id, body, options, patience.Token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Makes the blocks a blob; null when they are no longer there.</summary>
    private Task<ObjectInfo?> CommitAsync(string key, long length, string[] ids, WriteCondition condition, CancellationToken cancellationToken) =>
        connection.RequestAsync<ObjectInfo?>(
            key,
            async (container, patience) =>
            {
                try
                {
                    var written = await container.GetBlockBlobClient(place.Prefix + key).CommitBlockListAsync(
                        ids, new CommitBlockListOptions { Conditions = ConditionsOf(condition) }, patience.Token).ConfigureAwait(false);
                    return InfoOf(key, length, written.Value);
                }
                catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidBlockList)
                {
                    return null;
                }
            },
            cancellationToken);

    private async Task CheckAsync(string key, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition == WriteCondition.Always)
            return;
        var found = await new BlobDownload(place, connection, parallelism).StatAsync(key, cancellationToken).ConfigureAwait(false);
        if (condition.MustBeAbsent ? found is not null : found?.ETag != condition.ETag)
            throw Failure.ConditionFailed(place, key);
    }

    /// <summary>Names of one length, as the service demands, that no other upload of the same object has.</summary>
    private static string[] BlockIds(int count)
    {
        Span<byte> id = stackalloc byte[16 + sizeof(int)];
        RandomNumberGenerator.Fill(id);
        var ids = new string[count];
        for (var index = 0; index < count; index++)
        {
            BinaryPrimitives.WriteInt32BigEndian(id[16..], index);
            ids[index] = Convert.ToBase64String(id);
        }

        return ids;
    }

    private static BlobRequestConditions? ConditionsOf(WriteCondition condition) => condition switch
    {
        { MustBeAbsent: true } => new() { IfNoneMatch = ETag.All },
        { ETag: { } etag } => new() { IfMatch = new ETag(etag) },
        _ => null,
    };

    private static ObjectInfo InfoOf(string key, long length, BlobContentInfo written) => new(key, length, BlobName.TagOf(written.ETag), written.LastModified);
}

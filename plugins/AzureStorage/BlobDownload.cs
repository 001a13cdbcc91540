using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Brings blobs' bytes into memory, of a large range several pieces at a time, all of one version.</summary>
/// <param name="place">Where the objects lie.</param>
/// <param name="connection">The way there.</param>
/// <param name="parallelism">How many pieces are under way at a time.</param>
internal sealed class BlobDownload(AzurePlace place, AzureConnection connection, int parallelism)
{
    /// <summary>Facts about an object; null when there is none.</summary>
    public async Task<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.RequestAsync(
                key,
                async (container, patience) =>
                {
                    var found = await container.GetBlobClient(place.Prefix + key).GetPropertiesAsync(cancellationToken: patience.Token).ConfigureAwait(false);
                    return new ObjectInfo(key, found.Value.ContentLength, BlobName.TagOf(found.Value.ETag), found.Value.LastModified);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>An object as a whole, by one request; null when there is none.</summary>
    public async Task<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.RequestAsync(
                key,
                async (container, patience) =>
                {
                    var answer = await container.GetBlobClient(place.Prefix + key).DownloadStreamingAsync(cancellationToken: patience.Token).ConfigureAwait(false);
                    using var found = answer.Value;
                    var info = new ObjectInfo(key, found.Details.ContentLength, BlobName.TagOf(found.Details.ETag), found.Details.LastModified);
                    if (info.Length > Array.MaxLength)
                        throw Failure.Of(StorageErrorKind.Permanent, place, key, $"it has {info.Length} bytes: too many to read as a whole");
                    var content = GC.AllocateUninitializedArray<byte>((int)info.Length);
                    await FillAsync(key, found.Content, content, patience).ConfigureAwait(false);
                    Check(key, content, found.Details.ContentHash);
                    return new StoredObject(info, content);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Fills memory with an object's bytes from an offset on.</summary>
    public async Task ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty)
        {
            var info = await StatAsync(key, cancellationToken).ConfigureAwait(false) ?? throw Failure.Of(StorageErrorKind.NotFound, place, key, "there is no such object");
            if (offset > info.Length)
                throw Failure.BeyondEnd(place, key);
        }
        else if (destination.Length <= BlockPlan.SingleLength)
        {
            await ReadPieceAsync(key, offset, destination, null, null, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ReadPiecesAsync(key, offset, destination, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The first piece's answer says the version that the others have to be of; they begin before its bytes are all there.</summary>
    private async Task ReadPiecesAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        const int length = BlockPlan.SingleLength;
        var version = new TaskCompletionSource<ETag>(TaskCreationOptions.RunContinuationsAsynchronously);
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = parallelism };
        await Parallel.ForAsync(0, ((destination.Length - 1) / length) + 1, parallel, async (index, token) =>
        {
            var from = index * length;
            var piece = destination.Slice(from, Math.Min(length, destination.Length - from));
            if (index == 0)
                await ReadPieceAsync(key, offset, piece, null, version, token).ConfigureAwait(false);
            else
                await ReadPieceAsync(key, offset + from, piece, await version.Task.WaitAsync(token).ConfigureAwait(false), null, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Reads by one request.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="offset">Where the piece begins.</param>
    /// <param name="piece">Where it goes.</param>
    /// <param name="expected">The version that it has to be of, if that is known.</param>
    /// <param name="version">Told the version as soon as the answer begins, if anybody waits for it.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    private async Task ReadPieceAsync(
        string key, long offset, Memory<byte> piece, ETag? expected, TaskCompletionSource<ETag>? version, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RequestAsync(
                key,
                async (container, patience) =>
                {
                    var options = new BlobDownloadOptions
                    {
                        Range = new(offset, piece.Length),
                        Conditions = expected is { } etag ? new() { IfMatch = etag } : null,
                    };
                    var answer = await container.GetBlobClient(place.Prefix + key).DownloadStreamingAsync(options, patience.Token).ConfigureAwait(false);
                    using var found = answer.Value;
                    if (found.Details.ContentRange?.StartsWith($"bytes {offset}-", StringComparison.Ordinal) != true)
                        throw Failure.Damaged(place, key); // Something on the way has answered with another range.
                    if (found.Details.ContentLength < piece.Length)
                        throw Failure.BeyondEnd(place, key);
                    version?.SetResult(found.Details.ETag);
                    await FillAsync(key, found.Content, piece, patience).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
        {
            throw Failure.Of(StorageErrorKind.Transient, place, key, "it was replaced while it was read");
        }
    }

    private async Task FillAsync(string key, Stream body, Memory<byte> destination, Patience patience)
    {
        while (!destination.IsEmpty)
        {
            var count = await body.ReadAsync(destination, patience.Token).ConfigureAwait(false);
            if (count == 0)
                throw Failure.Damaged(place, key);
            patience.Moved();
            destination = destination[count..];
        }
    }

    /// <summary>Azure keeps the MD5 of what was written by one request, and sends it along.</summary>
    private void Check(string key, byte[] content, byte[]? md5)
    {
#pragma warning disable CA5351 // Against broken networks, not against forgers.
        if (md5 is { Length: > 0 } && !MD5.HashData(content).AsSpan().SequenceEqual(md5))
            throw Failure.Damaged(place, key);
#pragma warning restore CA5351
    }
}

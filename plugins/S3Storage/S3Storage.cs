using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>
/// Keeps each object under its key's name, behind a prefix, in a bucket of Amazon S3 or of a server that speaks its protocol.
/// </summary>
/// <remarks>
/// <para>Nothing is asked of the server before the first call, which looks whether the bucket is there. An object is seen only when
/// all of it has arrived: a short one goes as one request, a long one in parts that the server puts together at the end. An upload
/// that fails is aborted; one whose process dies leaves its parts behind, unseen, for a lifecycle rule of the bucket
/// (<c>AbortIncompleteMultipartUpload</c>) to remove. Nobody else's upload is ever touched.</para>
/// <para>A condition goes with one request, up to 5 GiB, because servers ignore it where parts are put together.</para>
/// </remarks>
[Plugin("s3", Description = "Keeps checkpoints in a bucket of Amazon S3, or of a server that speaks its protocol.")]
public sealed class S3Storage : ICheckpointStorage, IDisposable
{
    /// <summary>The longest name of an object, in UTF-8 bytes.</summary>
    private const int MaxNameBytes = 1024;

    private readonly S3Place _place;
    private readonly int _parallelism;
    private readonly S3Connection _connection;
    private readonly BucketCheck _bucket;
    private readonly Listing _listing;

    /// <summary>A storage that will be in a bucket; nothing is asked of the server yet.</summary>
    /// <param name="options">Where the objects lie.</param>
    /// <param name="time">The clock by which requests that stand still are given up; null for the system's.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or say no place.</exception>
    public S3Storage(S3StorageOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _place = S3Place.Read(options, out var problems);
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems.Select(problem => $"{problem.MemberNames.First()}: {problem.ErrorMessage}.")), nameof(options));
        _parallelism = options.Parallelism;
        _connection = new(_place, options.Timeout, time ?? TimeProvider.System);
        _bucket = new(_connection, _place);
        _listing = new(_connection, _place);
    }

    /// <inheritdoc/>
    public string Location => _place.Location;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities { get; } = new()
    {
        MaxObjectLength = PartPlan.MaxObjectLength,
        MaxConditionalLength = PartPlan.MaxPutLength,
    };

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false)
            ? await HeadAsync(key, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CheckKey(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (destination.IsEmpty)
        {
            // No range is empty in this protocol.
            var info = await StatAsync(key, cancellationToken).ConfigureAwait(false) ?? throw Missing(key);
            if (offset > info.Length)
                throw Failure.Of(StorageErrorKind.Permanent, _place, key, $"it ends at byte {info.Length}, before byte {offset}");
            return;
        }

        if (!await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false))
            throw Missing(key);
        await new Download(_connection, _place, key, _parallelism).ReadAsync(offset, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false)
            ? await new Download(_connection, _place, key, _parallelism).ReadAllAsync(cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        CheckKey(key);
        CheckLength(key, content.Length, condition);
        await _bucket.IsThereAsync(forWriting: true, cancellationToken).ConfigureAwait(false);
        var upload = new Upload(_connection, _place, key, _parallelism);
        var tag = content.Length <= PartPlan.SingleLength || condition != WriteCondition.Always
            ? await upload.PutAsync(content, condition, cancellationToken).ConfigureAwait(false)
            : await upload.WritePartsAsync(content, cancellationToken).ConfigureAwait(false);
        return await WrittenAsync(key, content.Length, tag, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo> WriteFromAsync(
        string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        CheckKey(key);
        var length = content.Length;
        CheckLength(key, length, condition);
        await _bucket.IsThereAsync(forWriting: true, cancellationToken).ConfigureAwait(false);
        var upload = new Upload(_connection, _place, key, _parallelism);
        var tag = length <= PartPlan.SingleLength || condition != WriteCondition.Always
            ? await upload.PutAsync(content, length, condition, cancellationToken).ConfigureAwait(false)
            : await upload.WritePartsAsync(content, length, cancellationToken).ConfigureAwait(false);
        return await WrittenAsync(key, length, tag, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.CheckPrefix(prefix);
        if (!await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false))
            yield break;
        await foreach (var info in _listing.ObjectsAsync(prefix, cancellationToken).ConfigureAwait(false))
            yield return info;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.CheckPrefix(prefix);
        if (!await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false))
            yield break;
        await foreach (var name in _listing.FoldersAsync(prefix, cancellationToken).ConfigureAwait(false))
            yield return name;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        if (!await _bucket.IsThereAsync(forWriting: false, cancellationToken).ConfigureAwait(false))
            return;
        await _connection.RequestAsync(key, async (client, patience) => await client.DeleteObjectAsync(
            new() { BucketName = _place.Bucket, Key = _place.Prefix + key }, patience.Token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _bucket.Dispose();
    }

    private async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.RequestAsync(key, async (client, patience) =>
            {
                var head = await client.GetObjectMetadataAsync(
                    new() { BucketName = _place.Bucket, Key = _place.Prefix + key }, patience.Token).ConfigureAwait(false);
                return new ObjectInfo(key, head.ContentLength, ETags.Bare(head.ETag), Download.Time(head.LastModified));
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Permanent)
        {
            await _bucket.LookAsync(cancellationToken).ConfigureAwait(false); // The answer to a HEAD has no room for a reason.
            throw;
        }
    }

    /// <summary>What was written, with the server's time of it, which the answer to a write does not say; nor does Ceph's the tag of an
    /// object in parts.</summary>
    private async Task<ObjectInfo> WrittenAsync(string key, long length, string tag, CancellationToken cancellationToken)
    {
        var now = await HeadAsync(key, cancellationToken).ConfigureAwait(false);
        return new(key, length, tag.Length > 0 ? tag : now?.ETag ?? "", now?.Modified ?? DateTimeOffset.UtcNow);
    }

    private StorageException Missing(string key) => Failure.Of(StorageErrorKind.NotFound, _place, key, "there is no such object");

    private void CheckKey(string key)
    {
        ObjectKey.Check(key);
        if (Encoding.UTF8.GetByteCount(_place.Prefix) + Encoding.UTF8.GetByteCount(key) is var length and > MaxNameBytes)
            throw ObjectKey.Refused(key, $"with the prefix it has {length} bytes, and S3 keeps names of up to {MaxNameBytes}");
    }

    private void CheckLength(string key, long length, WriteCondition condition)
    {
        var limit = condition == WriteCondition.Always ? Capabilities.MaxObjectLength : Capabilities.MaxConditionalLength;
        if (length > limit)
            throw Failure.Of(StorageErrorKind.Permanent, _place, key, $"{length} bytes are more than S3 keeps in an object{(condition == WriteCondition.Always ? "" : " written with a condition")} ({limit})");
    }
}

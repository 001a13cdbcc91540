using System.Buffers;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs.Models;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>
/// Keeps each object as a block blob of its key's name in one container. A small one is written by one request, a large one as blocks
/// that become a blob all at once: nobody ever sees a part of it.
/// </summary>
/// <remarks>
/// <para>Credentials: the connection string in the environment variable <c>AZURE_STORAGE_CONNECTION_STRING</c> (a key, or a shared
/// access signature), else those of <c>DefaultAzureCredential</c>. They need to read, write, delete and list; the role is called Storage
/// Blob Data Contributor.</para>
/// <para>Every upload carries its MD5, which the service checks before it accepts it. Conditions are the service's own, on the request
/// that makes an object appear.</para>
/// <para>An upload that ends half-way leaves blocks that belong to no blob, are in no listing, and mix with no other writer's. Azure
/// discards them with the next write of the same object, or after a week; until then they count as used space.</para>
/// <para>An account with a hierarchical namespace lists in another order, and a listing in which that shows is refused.</para>
/// </remarks>
[Plugin("azure", Description = "Keeps checkpoints in a container of Azure Blob Storage.")]
public sealed class AzureStorage : ICheckpointStorage, IDisposable
{
    private readonly AzurePlace _place;
    private readonly AzureConnection _connection;
    private readonly BlobUpload _upload;
    private readonly BlobDownload _download;

    /// <summary>A storage in a container. Nothing is asked of the network before the first call.</summary>
    /// <param name="options">Where the objects lie.</param>
    /// <param name="time">The clock by which requests that stand still are given up; null for the system's.</param>
    /// <exception cref="ArgumentException">The options, or the connection string in the environment, are wrong; the message says what is.</exception>
    public AzureStorage(AzureStorageOptions options, TimeProvider? time = null)
        : this(options, AzureConnection.StringOfEnvironment, time)
    {
    }

    private AzureStorage(AzureStorageOptions options, string? connectionString, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _place = AzurePlace.Read(options, connectionString, out var problems);
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems.Select(problem => $"{string.Concat(problem.MemberNames.Select(name => name + ": "))}{problem.ErrorMessage}.")), nameof(options));
        _connection = new(_place, connectionString, options.Timeout, time ?? TimeProvider.System);
        _upload = new(_place, _connection, options.Parallelism);
        _download = new(_place, _connection, options.Parallelism);
    }

    /// <summary>A storage by a connection string that is not the environment's, for a program without a configuration.</summary>
    /// <param name="connectionString">The connection string of the storage account.</param>
    /// <param name="options">Where the objects lie.</param>
    /// <param name="time">The clock by which requests that stand still are given up; null for the system's.</param>
    /// <exception cref="ArgumentException">The options or the connection string are wrong; the message says what is.</exception>
    public static AzureStorage Through(string connectionString, AzureStorageOptions options, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        return new(options, connectionString, time);
    }

    /// <inheritdoc/>
    public string Location => _place.Location;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities { get; } = new() { MaxObjectLength = BlockPlan.MaxObjectLength };

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        BlobName.Of(_place.Prefix, key);
        return new(_download.StatAsync(key, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        BlobName.Of(_place.Prefix, key);
        return new(_download.ReadAsync(key, offset, destination, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        BlobName.Of(_place.Prefix, key);
        return new(_download.ReadAllAsync(key, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        BlobName.Of(_place.Prefix, key);
        return new(_upload.WriteAsync(key, content.Length, BlockSupply.Of(content), condition, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        BlobName.Of(_place.Prefix, key);
        return new(_upload.WriteAsync(key, content.Length, BlockSupply.Of(content), condition, cancellationToken));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        BlobName.CheckPrefix(_place.Prefix, prefix);
        return NamesInOrder.OfAsync(PagesAsync(prefix, cancellationToken), _place, prefix, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = BlobName.CheckPrefix(_place.Prefix, prefix);
        var options = new GetBlobsByHierarchyOptions { Prefix = start, Delimiter = "/" };
        var names = new HashSet<string>();
        for (string? next = null; next is null || next.Length > 0;)
        {
            var page = await PageAsync(
                prefix, (container, token) => container.GetBlobsByHierarchyAsync(options, token), next, cancellationToken).ConfigureAwait(false);
            names.UnionWith(page.Values.Where(item => item.IsPrefix).Select(item => Behind(item.Prefix, prefix)[prefix.Length..].TrimEnd('/')).Where(BlobName.IsKey));
            next = page.ContinuationToken ?? "";
        }

        foreach (var name in names.OrderBy(name => name + '/', StringComparer.Ordinal))
            yield return name;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(_place.Prefix, key);
        try
        {
            await _connection.RequestAsync(
                key, (container, patience) => container.GetBlobClient(name).DeleteAsync(cancellationToken: patience.Token), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            // As it should be.
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        _upload.Dispose();
    }

    private async IAsyncEnumerable<ObjectInfo> PagesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // With a hierarchical namespace folders are listed too; only their metadata tells them from empty objects.
        var options = new GetBlobsOptions { Prefix = _place.Prefix + prefix, Traits = BlobTraits.Metadata };
        for (string? next = null; next is null || next.Length > 0;)
        {
            var page = await PageAsync(prefix, (container, token) => container.GetBlobsAsync(options, token), next, cancellationToken).ConfigureAwait(false);
            foreach (var blob in page.Values)
            {
                var key = Behind(blob.Name, prefix);
                if (BlobName.IsKey(key) && blob.Metadata?.ContainsKey("hdi_isfolder") != true)
                    yield return new(key, blob.Properties.ContentLength!.Value, BlobName.TagOf(blob.Properties.ETag!.Value), blob.Properties.LastModified!.Value);
            }

            next = page.ContinuationToken ?? "";
        }
    }

    /// <summary>A name without the place's prefix.</summary>
    /// <exception cref="StorageException">It is not what was asked for: no digest guards a listing.</exception>
    private string Behind(string name, string prefix) =>
        name.StartsWith(_place.Prefix + prefix, StringComparison.Ordinal) ? name[_place.Prefix.Length..] : throw Failure.Damaged(_place, prefix);

    /// <summary>One page of a listing; an empty last one where there is no container yet.</summary>
    private async Task<Page<T>> PageAsync<T>(
        string prefix, Func<Azure.Storage.Blobs.BlobContainerClient, CancellationToken, AsyncPageable<T>> list, string? continuation, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            return await _connection.RequestAsync(
                prefix,
                async (container, patience) =>
                {
                    await foreach (var page in list(container, patience.Token).AsPages(continuation).ConfigureAwait(false))
                        return page;
                    return Nothing();
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return Nothing();
        }

        static Page<T> Nothing() => Page<T>.FromValues([], null, null!);
    }
}

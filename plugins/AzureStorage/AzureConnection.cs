using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>The way to the container: one client, made when it is first needed, through which every request goes.</summary>
/// <param name="place">Where the objects lie.</param>
/// <param name="connectionString">The connection string of the environment, if there is one.</param>
/// <param name="timeout">For how long a request may stand still.</param>
/// <param name="time">The clock for that.</param>
internal sealed class AzureConnection(AzurePlace place, string? connectionString, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>The environment variable for a connection string.</summary>
    public const string Variable = "AZURE_STORAGE_CONNECTION_STRING";

    /// <summary>How many requests are under way at a time; the others wait, without a time limit, for their turn.</summary>
    private const int MaxRequests = 128;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Addresses change: a connection that lives for ever would not see it.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _turns = new(MaxRequests);
    private readonly Lock _gate = new();
    private HttpClient? _http;
    private BlobContainerClient? _container;
    private bool _disposed;

    /// <summary>The connection string that the environment holds; null when it holds none.</summary>
    public static string? StringOfEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? text : null;

    /// <summary>Makes a request that writes; if the container is missing and may be created, it is, and the request made again.</summary>
    /// <inheritdoc cref="RequestAsync"/>
    public Task<T> WriteAsync<T>(string key, Func<BlobContainerClient, Patience, Task<T>> call, CancellationToken cancellationToken) =>
        RequestAsync(
            key,
            async (container, patience) =>
            {
                try
                {
                    return await call(container, patience).ConfigureAwait(false);
                }
                catch (RequestFailedException e) when (place.Create && e.ErrorCode == BlobErrorCode.ContainerNotFound)
                {
                    await container.CreateIfNotExistsAsync(PublicAccessType.None, cancellationToken: patience.Token).ConfigureAwait(false);
                    return await call(container, patience).ConfigureAwait(false);
                }
            },
            cancellationToken);

    /// <summary>Makes a request.</summary>
    /// <param name="key">The key it is about; empty for the storage as a whole.</param>
    /// <param name="call">The request. It says when bytes have moved.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="StorageException">It failed; the class of the error is its kind.</exception>
    public async Task<T> RequestAsync<T>(string key, Func<BlobContainerClient, Patience, Task<T>> call, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var patience = new Patience(timeout, time, cancellationToken);
        try
        {
            // The client's own beginnings (signing, credentials, hashing) are no work for the caller's thread.
            return await Task.Run(() => call(Container(), patience), patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (StorageException or OutOfMemoryException or ObjectDisposedException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure.Translate(e, place, key, patience.IsOver ? timeout : null);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _http?.Dispose();
        }
    }

    private BlobContainerClient Container()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(AzureStorage));
            return _container ??= Connect();
        }
    }

    private BlobContainerClient Connect()
    {
        _http = new(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        // The oldest version that has all that is needed, not the client's newest: Azure serves every version, emulators are behind.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)
        {
            Transport = new HttpClientTransport(_http),
            // The engine tries again, and knows what and for how long. How long a request may take is a matter of its progress; see Patience.
            Retry = { MaxRetries = 0, NetworkTimeout = Timeout.InfiniteTimeSpan },
            Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false },
        };
        options.AddPolicy(new SingleAttempt(), HttpPipelinePosition.PerRetry);
        var service = connectionString is null ? new BlobServiceClient(place.Service, new DefaultAzureCredential(), options) : new(connectionString, options);
        return service.GetBlobContainerClient(place.Container);
    }
}

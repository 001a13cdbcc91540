using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>The way to the server: one client, made when it is first needed, through which every request goes.</summary>
/// <param name="place">Where the objects lie.</param>
/// <param name="timeout">For how long a request may stand still.</param>
/// <param name="time">The clock for that.</param>
internal sealed class S3Connection(S3Place place, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>How many requests are under way at a time; the others wait, without a time limit, for their turn.</summary>
    private const int MaxRequests = 128;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>In the pieces of this size a body is written to the network: fewer calls, and still in the processor's cache.</summary>
    private const int BufferLength = 128 << 10;

    private readonly SemaphoreSlim _turns = new(MaxRequests);
    private readonly Lock _gate = new();
    private S3Client? _client;
    private bool _disposed;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Makes a request.</summary>
    /// <param name="key">The key it is about; empty for the storage as a whole.</param>
    /// <param name="call">The request. It says when bytes have moved.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <param name="times">How many times the usual time the server may take to answer.</param>
    /// <exception cref="StorageException">It failed; the class of the error is its kind.</exception>
    public async Task<T> RequestAsync<T>(string key, Func<AmazonS3Client, Patience, Task<T>> call, CancellationToken cancellationToken, int times = 1)
    {
        var limit = timeout * times;
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var patience = new Patience(limit, time, cancellationToken);
        try
        {
            // The client's own beginnings (signing, credentials, hashing) are no work for the caller's thread.
            return await Task.Run(() => call(Client(), patience), patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (StorageException or OutOfMemoryException or ObjectDisposedException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure.Translate(e, place, key, patience.IsOver ? limit : null);
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
            _client?.Dispose();
        }
    }

    private S3Client Client()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(S3Storage));
            return _client ??= Connect();
        }
    }

    private S3Client Connect()
    {
        var config = new AmazonS3Config
        {
            // The engine tries again, and knows what and for how long.
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            ThrottleRetries = false,
            RetryMode = RequestRetryMode.Standard,
            // How long a request may take is a matter of its progress; see Patience.
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new WholeAnswers(ConnectTimeout),
            BufferSize = BufferLength,
            // Every upload carries its Content-MD5, which servers check that know no other checksum; what is read is checked by its reader.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientCacheSize = 1,
        };
        if (place.Profile is { } profile)
            config.Profile = new(profile);
        if (place.Endpoint is { } endpoint)
            config.ServiceURL = endpoint.AbsoluteUri;
        if (config.ServiceURL is { } address)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || S3Place.EndpointProblem(url) is not null)
                throw Unusable("the endpoint that the environment or the profile names is no address such as https://storage.example:9000");
            if (url.Scheme == Uri.UriSchemeHttp && !place.AllowHttp)
                throw Unusable($"the endpoint {url.GetLeftPart(UriPartial.Authority)} is refused: {S3Place.PlainHttp()}");
            config.ServiceURL = address; // Reading it has taken it from the environment, for this.
            config.ForcePathStyle = true; // A bucket's own host name, few servers but Amazon's have.
            config.AuthenticationRegion = place.Region ?? RegionOfEnvironment() ?? "us-east-1";
        }
        else if (place.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else if (config.RegionEndpoint is null)
        {
            throw Unusable("no region is known; set Region, or AWS_REGION in the environment, or for a server of your own set Endpoint");
        }

        if (place.Profile is { } name && !new CredentialProfileStoreChain().TryGetProfile(name, out _))
            throw Unusable($"the AWS configuration files have no profile '{name}'; add it to ~/.aws/config or ~/.aws/credentials, or change Profile");
        return new S3Client(config);

        // What the SDK itself finds for Amazon's own servers, but without asking a metadata service that such a server's machines hardly have.
        string? RegionOfEnvironment() =>
            place.Profile is { } named && new CredentialProfileStoreChain().TryGetProfile(named, out var found) && found.Region is { } region
                ? region.SystemName
                : FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName;

        StorageException Unusable(string why) => new(StorageErrorKind.Permanent, "", $"{place.Location} cannot be used: {why}.");
    }
}

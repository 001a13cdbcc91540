using System.Net;
using Amazon.Runtime;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Makes the SDK's HTTP client: one that hands over an answer when all of it has come, but for an object's bytes.</summary>
/// <remarks>The SDK reads answers synchronously, and disposes of one that is being read when its request is cancelled. The connection may
/// then serve the next request while the rest of the old answer is still awaited on it, and that request waits for ever.</remarks>
/// <param name="connectTimeout">How long a connection may take to be made.</param>
internal sealed class WholeAnswers(TimeSpan connectTimeout) : HttpClientFactory
{
    // Addresses change: a connection that lives for ever would not see it.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        ArgumentNullException.ThrowIfNull(clientConfig);
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = clientConfig.AllowAutoRedirect,
            AutomaticDecompression = DecompressionMethods.None,
        };
        return new(new Reader(sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private sealed class Reader(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (IsObject(request, answer))
                return answer;
            try
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
                return answer;
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }

        private static bool IsObject(HttpRequestMessage request, HttpResponseMessage answer) =>
            request.Method == HttpMethod.Get && answer.IsSuccessStatusCode
            && !request.RequestUri!.Query.Contains("list-type=", StringComparison.Ordinal);
    }
}

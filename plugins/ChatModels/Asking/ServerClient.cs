using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>The official clients of both protocols, made to try once and to tell failures in one way.</summary>
internal static class ServerClient
{
    /// <summary>The client of a server that speaks OpenAI's chat completions.</summary>
    public static IChatClient OpenAI(ChatModelOptions options, ApiKey key, Failure failure)
    {
        var http = Http(options, failure);
        var client = new ChatClient(options.Model, new ApiKeyCredential(key.Value), new OpenAIClientOptions
        {
            Endpoint = options.Address,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            EnableDistributedTracing = false,
        });
        return new OwnedClient(client.AsIChatClient(), http);
    }

    /// <summary>The client of a server that speaks Anthropic's messages.</summary>
    public static IChatClient Claude(ChatModelOptions options, ApiKey key, Failure failure)
    {
        var http = Http(options, failure);
        var client = new AnthropicClient(new ClientOptions
        {
            // All of them said, so that none is taken from the environment.
            ApiKey = key.Value,
            AuthToken = null,
            BaseUrl = options.Address.ToString().TrimEnd('/'),
            OpenTelemetry = false,
            HttpClient = http,
            MaxRetries = 0,
            Timeout = Timeout.InfiniteTimeSpan,
        });
        return new OwnedClient(client.AsIChatClient(options.Model, options.MaxTokens), http);
    }

    private static HttpClient Http(ChatModelOptions options, Failure failure) => new(new FailureHandler(failure)
    {
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // It would carry the key elsewhere.
            UseProxy = !options.Address.IsLoopback,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = options.Parallelism,
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Disposes of the connections too.</summary>
    private sealed class OwnedClient(IChatClient client, HttpClient http) : DelegatingChatClient(client)
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing)
                http.Dispose();
            base.Dispose(disposing);
        }
    }
}

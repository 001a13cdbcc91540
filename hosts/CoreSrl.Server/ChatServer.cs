using System.Text.Json.Nodes;
using CoreSrl.Server.Protocol;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace CoreSrl.Server;

/// <summary>
/// Serves models over HTTP as OpenAI's API does: <c>GET /v1/models</c>, <c>GET /v1/models/{id}</c> and
/// <c>POST /v1/chat/completions</c>. It reads no configuration but what it is given, and takes no signals.
/// </summary>
public sealed class ChatServer : IAsyncDisposable
{
    /// <summary>How long requests may take to end once the server does; their models have been asked to stop by then.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, ModelQueue> _models;
    private readonly KeyCheck _key;
    private readonly Action<string> _tell;
    private readonly WebApplication _application;

    private ChatServer(IReadOnlyList<ServedModel> models, ChatServerOptions options, TimeProvider time, Action<string> tell)
    {
        _models = models.ToDictionary(model => model.Id, model => new ModelQueue(model, options.MaxWaiting), StringComparer.Ordinal);
        _key = new(options.Key);
        _tell = tell;
        _application = Build(options);
        var completions = new CompletionEndpoint(_models, time);
        _application.MapGet("/v1/models", context => context.Response.WriteJsonAsync(List(), context.RequestAborted));
        _application.MapGet("/v1/models/{id}", context => context.Response.WriteJsonAsync(Describe((string)context.Request.RouteValues["id"]!), context.RequestAborted));
        _application.MapPost("/v1/chat/completions", async context =>
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
            await completions.AnswerAsync(context, ending.Token);
        });
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:8080</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The names of the models.</summary>
    public IReadOnlyList<string> ModelIds => [.. _models.Keys];

    /// <summary>Starts to serve.</summary>
    /// <param name="models">The models, which stay the caller's; each of another name.</param>
    /// <param name="options">Where, and to whom.</param>
    /// <param name="tell">Told, in a line, of requests that failed for a reason that is the server's own; from any thread.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellationToken">Ends the start early.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<ChatServer> StartAsync(
        IReadOnlyList<ServedModel> models, ChatServerOptions options, Action<string> tell, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tell);
        var server = new ChatServer(models, options, time ?? TimeProvider.System, tell);
        try
        {
            await server._application.StartAsync(cancellationToken);
            var addresses = server._application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            server.Address = new(addresses.Addresses.Single());
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops in order: no request is taken any more, and those that are being answered are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
        foreach (var queue in _models.Values)
            queue.Dispose();
        _stopping.Dispose();
    }

    private WebApplication Build(ChatServerOptions options)
    {
        // Empty: what a web application reads and does by itself (files, variables, signals, logs) is the program's to say.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            kestrel.Listen(options.Address, options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Grace);
        var application = builder.Build();
        application.Use(GuardAsync);
        application.UseRouting();
        application.Use(RequireKeyAsync);
        application.UseEndpoints(_ => { });
        return application;
    }

    private Task RequireKeyAsync(HttpContext context, RequestDelegate next)
    {
        _key.Require(context.Request);
        return next(context);
    }

    // Whatever goes wrong is told as the protocol tells it, as far as that is still possible.
    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
                throw new ApiException(context.Response.StatusCode, $"There is no {context.Request.Method} {context.Request.Path} here; there is GET /v1/models, GET /v1/models/ID and POST /v1/chat/completions.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception e)
        {
            await TellAsync(context, Explain(e));
        }
    }

    private ApiException Explain(Exception e)
    {
        switch (e)
        {
            case ApiException refusal:
                return refusal;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new(StatusCodes.Status413PayloadTooLarge, "The request is too long.");
            case BadHttpRequestException bad:
                return new(bad.StatusCode, bad.Message);
            case ArgumentException unfit:
                return ApiException.Invalid("messages", unfit.Message);
            case OperationCanceledException when _stopping.IsCancellationRequested:
                return new(StatusCodes.Status503ServiceUnavailable, "The server is stopping.");
            default:
                _tell($"A request failed: {e.Message} ({e.GetType().Name})");
                return new(StatusCodes.Status500InternalServerError, $"The model failed: {e.Message}");
        }
    }

    private static async Task TellAsync(HttpContext context, ApiException problem)
    {
        if (context.Response.HasStarted)
        {
            // In the middle of a stream: clients take an event with an error for the end.
            await context.Response.WriteEventAsync(problem.ToJson().ToJsonString(ResponseJson.Compact), context.RequestAborted);
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = problem.Status;
        await context.Response.WriteJsonAsync(problem.ToJson(), context.RequestAborted);
    }

    private JsonObject List() => new() { ["object"] = "list", ["data"] = new JsonArray([.. _models.Values.Select(queue => Describe(queue.Model))]) };

    private JsonObject Describe(string id) => Describe((_models.GetValueOrDefault(id) ?? throw ApiException.UnknownModel(id, _models.Keys)).Model);

    private static JsonObject Describe(ServedModel model) => new()
    {
        ["id"] = model.Id,
        ["object"] = "model",
        ["created"] = model.Created.ToUnixTimeSeconds(),
        ["owned_by"] = "core-srl",
    };

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoreSrl.ChatServers;

/// <summary>A server on this machine that speaks OpenAI's chat completions and Anthropic's messages, and answers as a test wants.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Func<Asked, Reply> _answer;
    private readonly ConcurrentQueue<Asked> _requests = [];
    private int _underWay;

    private ChatServer(WebApplication application, Func<Asked, Reply> answer)
    {
        _application = application;
        _answer = answer;
    }

    /// <summary>Its address for OpenAI's protocol.</summary>
    public Uri OpenAI => new($"{Address}/v1");

    /// <summary>Its address for Anthropic's protocol.</summary>
    public Uri Claude => new(Address);

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<Asked> Requests => [.. _requests];

    /// <summary>The most requests that it was working on at a time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>The key that it wants; null when any will do, or none.</summary>
    public string? Key { get; init; }

    private string Address => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Starts one.</summary>
    /// <param name="answer">What it answers.</param>
    /// <param name="key">The key that it wants.</param>
    public static async Task<ChatServer> StartAsync(Func<Asked, Reply> answer, string? key = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new ChatServer(builder.Build(), answer) { Key = key };
        server._application.MapPost("/v1/chat/completions", context => server.AnswerAsync(context, Asked.OpenAI));
        server._application.MapPost("/v1/messages", context => server.AnswerAsync(context, Asked.Claude));
        await server._application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, Func<JsonObject, string?, Asked> read)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        var key = context.Request.Headers.Authorization.ToString() is { Length: > 0 } bearer ? bearer["Bearer ".Length..] : context.Request.Headers["x-api-key"].ToString();
        var asked = read(body, key);
        lock (_requests)
        {
            asked = asked with { Number = _requests.Count };
            _requests.Enqueue(asked);
            MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
        }

        var reply = Key is not null && key != Key ? new Reply("") { Status = 401, Error = $"Incorrect API key provided: {key}." } : _answer(asked);
        await Task.Delay(reply.Delay, context.RequestAborted);
        lock (_requests)
            _underWay--;
        context.Response.StatusCode = reply.Status;
        if (reply.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds;
        await context.Response.WriteAsJsonAsync<JsonNode>(reply.Raw is { } raw ? JsonValue.Create(raw) : reply.ToJson(asked), context.RequestAborted);
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace CoreSrl.Server.Tests;

/// <summary>A real server with a scripted model, and a client.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly HttpClient _client;

    private Served(ChatServer server)
    {
        Server = server;
        _client = new() { BaseAddress = server.Address };
    }

    public ChatServer Server { get; }

    public List<string> Told { get; private init; } = [];

    public static async Task<Served> StartAsync(ScriptedModel model, ChatServerOptions? options = null)
    {
        var told = new List<string>();
        var created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var server = await ChatServer.StartAsync([new("one", model, created, "ep_1"), new("two", new ScriptedModel("Two."), created, "ep_1")], (options ?? new()) with { Port = 0 }, told.Add);
        return new(server) { Told = told };
    }

    public static string Body(string more = "", string model = "one") => $$"""{ "model": "{{model}}", "messages": [ { "role": "user", "content": "Hi" } ] {{(more.Length > 0 ? ", " + more : "")}} }""";

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? key = null, string type = "application/json", CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, type) };
        if (key is not null)
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(key);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public Task<HttpResponseMessage> CompleteAsync(string body, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "/v1/chat/completions", body, cancellationToken: cancellationToken);

    public async Task<JsonNode> AnswerAsync(string body, HttpStatusCode status = HttpStatusCode.OK) => await JsonAsync(await CompleteAsync(body), status);

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode status = HttpStatusCode.OK) => await JsonAsync(await SendAsync(HttpMethod.Get, path), status);

    /// <summary>The data of a stream's events.</summary>
    public async Task<List<string>> StreamAsync(string body)
    {
        using var response = await CompleteAsync(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
            return JsonNode.Parse(text)!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }
}

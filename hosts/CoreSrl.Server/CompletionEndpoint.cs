using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Server.Protocol;

namespace CoreSrl.Server;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
/// <param name="models">The models by name.</param>
/// <param name="time">The clock.</param>
internal sealed class CompletionEndpoint(IReadOnlyDictionary<string, ModelQueue> models, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = await ReadAsync(context.Request, cancellationToken);
        if (!models.TryGetValue(request.Model, out var queue))
            throw ApiException.UnknownModel(request.Model, models.Keys);
        using var turn = await queue.EnterAsync(cancellationToken);
        var json = new CompletionJson(queue.Model, time.GetUtcNow());
        var pieces = queue.Model.Model.ChatAsync(ToChat(request), cancellationToken);
        if (request.Streams)
            await StreamAsync(context.Response, pieces, json, request.StreamsUsage, cancellationToken);
        else
            await AnswerWholeAsync(context.Response, pieces, json, cancellationToken);
    }

    private static async Task<CompletionRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // A page in a browser can send other types to any address without being asked for leave.
        if (!request.HasJsonContentType())
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "The request must be of the type application/json.");
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new() { AllowDuplicateProperties = false }, cancellationToken);
            return CompletionRequest.Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"The request is not valid JSON: {e.Message}", code: "invalid_json");
        }
    }

    private static ChatRequest ToChat(CompletionRequest request) => new(request.Turns, request.Seed is { } seed ? unchecked((ulong)seed) : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))))
    {
        Temperature = request.Temperature,
        TopP = request.TopP,
        MaxTokens = request.MaxTokens,
        StopStrings = request.StopStrings,
    };

    private static async Task AnswerWholeAsync(HttpResponse response, IAsyncEnumerable<ChatPiece> pieces, CompletionJson json, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        ChatEnd? end = null;
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            text.Append(piece.Text);
            end = piece.End;
        }

        await response.WriteJsonAsync(json.Whole(text.ToString(), RequireEnd(end)), cancellationToken);
    }

    // Server-sent events. Nothing is sent before the first piece is there: until then a refusal can have a status of its own.
    private static async Task StreamAsync(HttpResponse response, IAsyncEnumerable<ChatPiece> pieces, CompletionJson json, bool withUsage, CancellationToken cancellationToken)
    {
        ChatEnd? end = null;
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            if (!response.HasStarted)
            {
                response.ContentType = "text/event-stream; charset=utf-8";
                response.Headers.CacheControl = "no-cache";
                await SendAsync(json.Beginning());
            }

            if (piece.Text.Length > 0)
                await SendAsync(json.Piece(piece.Text));
            end = piece.End;
        }

        await SendAsync(json.Ending(RequireEnd(end)));
        if (withUsage)
            await SendAsync(json.Usage(RequireEnd(end)));
        await response.WriteEventAsync("[DONE]", cancellationToken);

        Task SendAsync(JsonObject piece) => response.WriteEventAsync(piece.ToJsonString(ResponseJson.Compact), cancellationToken);
    }

    private static ChatEnd RequireEnd(ChatEnd? end) => end ?? throw new InvalidOperationException("The model's answer has no end.");
}

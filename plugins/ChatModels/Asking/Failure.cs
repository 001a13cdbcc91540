using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>Says of a failure what the caller can do about it.</summary>
/// <param name="options">The server and the model.</param>
/// <param name="key">What must not be told.</param>
/// <param name="time">The clock, for a server that says until when it is busy.</param>
internal sealed class Failure(ChatModelOptions options, ApiKey key, TimeProvider time)
{
    private const int LongestTold = 200;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private string Server => options.Address.Authority;

    /// <summary>The failure that an answer is.</summary>
    public ServerException Of(HttpResponseMessage answer, string body) => (int)answer.StatusCode switch
    {
        401 or 403 => new($"{Server} refuses the key in {key.Variable} ({Name(answer.StatusCode)}); check the variable, and what the key allows"),
        404 => new($"{Server} knows no model '{options.Model}', or has nothing at {options.Address} ({Name(answer.StatusCode)}{Told(body)}); check Model and BaseAddress"),
        402 or 408 or 409 or 425 or 429 or >= 500 => new($"{Server} cannot answer now ({Name(answer.StatusCode)}{Told(body)})") { IsTransient = true, RetryAfter = RetryAfter(answer) },
        >= 300 and < 400 => new($"{Server} sends elsewhere ({Name(answer.StatusCode)}); check BaseAddress"),
        _ => new($"{Server} refuses the request ({Name(answer.StatusCode)}{Told(body)})"),
    };

    /// <summary>The failure that an exception tells of.</summary>
    public ServerException Of(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (Read(cause) is { } failure)
                return failure;
        }

        return new($"the answer of {Server} cannot be read ({error.GetType().Name}); check that BaseAddress leads to a server of this protocol") { IsTransient = true };
    }

    /// <summary>The failure to answer in time.</summary>
    public ServerException TooSlow() => new($"{Server} did not answer within {options.Timeout.TotalSeconds:0.###} s (Timeout)") { IsTransient = true };

    private ServerException? Read(Exception cause) => cause switch
    {
        ServerException known => known,
        AuthenticationException => new($"the certificate of {Server} is not trusted; check BaseAddress, and this machine's certificate authorities"),
        SocketException socket => new($"no connection to {Server} ({socket.SocketErrorCode})") { IsTransient = true },
        HttpRequestException { InnerException: null } http => new($"no connection to {Server} ({http.HttpRequestError})") { IsTransient = true },
        IOException { InnerException: null } => new($"the connection to {Server} broke") { IsTransient = true },
        TimeoutException or OperationCanceledException => TooSlow(),
        _ => null,
    };

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var wait = answer.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;
        return wait is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestWait.Ticks)) : null;
    }

    private static string Name(HttpStatusCode status) => Enum.IsDefined(status) ? $"{(int)status} {status}" : $"{(int)status}";

    /// <summary>What the server says is wrong, in both protocols: <c>{"error": {"message": …}}</c>.</summary>
    private string Told(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object
                || !error.TryGetProperty("message", out var message) || message.GetString() is not { } text)
                return "";
            text = key.Scrub(string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)));
            return $": {(text.Length <= LongestTold ? text : text[..LongestTold] + "…").TrimEnd('.')}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoreSrl.Server;

/// <summary>Writes JSON and events to clients.</summary>
internal static class ResponseJson
{
    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteJsonAsync(this HttpResponse response, JsonObject json, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(json.ToJsonString(Compact), cancellationToken);
    }

    /// <summary>One server-sent event, on its way at once.</summary>
    public static async Task WriteEventAsync(this HttpResponse response, string data, CancellationToken cancellationToken)
    {
        await response.WriteAsync($"data: {data}\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}

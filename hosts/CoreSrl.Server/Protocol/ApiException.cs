using System.Text.Json.Nodes;

namespace CoreSrl.Server.Protocol;

/// <summary>A request that cannot be answered, as the protocol tells it.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="field">The field of the request that is wrong, if one is.</param>
/// <param name="code">A word for programs, if there is one.</param>
internal sealed class ApiException(int status, string message, string? field = null, string? code = null) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>The answer's body: <c>{ "error": { "message", "type", "param", "code" } }</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = Message,
            ["type"] = Status switch
            {
                StatusCodes.Status401Unauthorized => "authentication_error",
                StatusCodes.Status429TooManyRequests => "rate_limit_error",
                >= StatusCodes.Status500InternalServerError => "server_error",
                _ => "invalid_request_error",
            },
            ["param"] = field,
            ["code"] = code,
        },
    };

    public static ApiException Invalid(string field, string message) => new(StatusCodes.Status400BadRequest, message, field, "invalid_value");

    public static ApiException UnknownModel(string id, IEnumerable<string> known) => new(
        StatusCodes.Status404NotFound, $"There is no model '{id}' here; there is {string.Join(", ", known.Select(model => $"'{model}'"))}.", "model", "model_not_found");
}

using System.Security.Cryptography;
using System.Text;
using CoreSrl.Server.Protocol;

namespace CoreSrl.Server;

/// <summary>Whether a client shows the key.</summary>
/// <param name="key">The key; null when everybody may come in.</param>
internal sealed class KeyCheck(string? key)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _digest = key is null ? null : Digest(key);

    /// <summary>Refuses a client that does not.</summary>
    /// <exception cref="ApiException">It does not.</exception>
    public void Require(HttpRequest request)
    {
        if (_digest is null)
            return;
        var shown = request.Headers.Authorization.ToString();
        if (!shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw Refusal("This server asks for a key: send it as 'Authorization: Bearer KEY'.");
        // Of equal length, so that the time this takes says nothing of either.
        if (!CryptographicOperations.FixedTimeEquals(Digest(shown[Scheme.Length..].Trim()), _digest))
            throw Refusal("The key is not this server's.");
    }

    private static ApiException Refusal(string message) => new(StatusCodes.Status401Unauthorized, message, code: "invalid_api_key");

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

using System.Globalization;
using System.Text;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>A request or an answer as it is on the wire, its body whole.</summary>
/// <param name="Head">The first line and the headers, without the empty line behind them.</param>
/// <param name="Body">The body, no longer in chunks.</param>
internal sealed record HttpMessage(IReadOnlyList<string> Head, byte[] Body)
{
    public string FirstLine => Head[0];

    /// <summary>Its bytes, the body with a length in front.</summary>
    public byte[] Bytes(byte[]? body = null) => [.. Encoding.Latin1.GetBytes(string.Join("\r\n", Head) + "\r\n\r\n"), .. body ?? Body];

    /// <summary>Reads the next one; null when the connection has ended.</summary>
    /// <param name="from">The connection.</param>
    /// <param name="answerTo">The request, if it is an answer.</param>
    /// <param name="goOn">Tells a client that waits to be told to send its body.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<HttpMessage?> ReadAsync(WireReader from, HttpMessage? answerTo, Func<Task> goOn, CancellationToken cancellationToken)
    {
        if (await from.ReadLinesAsync(cancellationToken) is not { } head)
            return null;
        if (answerTo is not null && head[0].Split(' ')[1] == "100")
            return await ReadAsync(from, answerTo, goOn, cancellationToken);
        if (head.RemoveAll(line => line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)) > 0)
            await goOn();
        var chunked = Header(head, "Transfer-Encoding") is not null;
        var body = chunked && !HasNoBody(head, answerTo) ? await from.ReadChunksAsync(cancellationToken)
            : HasNoBody(head, answerTo) ? []
            : await from.ReadAsync(int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture), cancellationToken);
        if (chunked && head.RemoveAll(line => line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)) > 0)
            head.Add($"Content-Length: {body.Length}");
        return new(head, body);
    }

    private static bool HasNoBody(List<string> head, HttpMessage? answerTo) =>
        answerTo is not null && (answerTo.FirstLine.StartsWith("HEAD ", StringComparison.Ordinal) || head[0].Split(' ')[1] is "204" or "304");

    private static string? Header(List<string> head, string name) =>
        head.Find(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}

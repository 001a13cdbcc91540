using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CoreSrl.Storage.Tests.Servers;

/// <summary>A server that gives the answers it is told to, for those that no real one gives on demand. It closes after each.</summary>
internal sealed class CannedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string> _answer;
    private readonly bool _closes;

    /// <param name="answer">The answer to a request, head and body, given the request's head.</param>
    /// <param name="closes">Whether it closes the connection after an answer; else it waits until the client does.</param>
    public CannedServer(Func<string, string> answer, bool closes = true)
    {
        _answer = answer;
        _closes = closes;
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Where it is.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>The heads of the requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            head.AppendLine(line);
        var length = head.ToString().Split("\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1];
        for (var rest = int.Parse(length ?? "0", CultureInfo.InvariantCulture); rest > 0;)
            rest -= await reader.ReadAsync(new char[Math.Min(rest, 4096)]);
        Requests.Enqueue(head.ToString());
        await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer(head.ToString())));
        if (!_closes)
            await reader.ReadAsync(new char[1]);
    }
}

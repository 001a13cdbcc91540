using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>What lies between a client and its server, and loses, delays or changes what it is to carry. While a request stands still
/// in it, time passes as soon as nothing else moves: nobody waits for the client to give up.</summary>
internal sealed class FaultyWire : IAsyncDisposable
{
    /// <summary>Where nothing has moved for so long, nothing is about to.</summary>
    private static readonly TimeSpan StandStill = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Uri _server;
    private readonly bool _isAzure;
    private readonly Func<Fault> _next;
    private readonly JumpingClock _clock;
    private readonly Task _accepting;
    private int _flips;
    private int _moving;

    /// <param name="server">Where to pass requests on to.</param>
    /// <param name="isAzure">Whether it speaks Azure's protocol, rather than Amazon's: their errors look different.</param>
    /// <param name="clock">The clock of the client.</param>
    /// <param name="next">What becomes of the next request.</param>
    public FaultyWire(Uri server, bool isAzure, JumpingClock clock, Func<Fault> next)
    {
        _server = server;
        _isAzure = isAzure;
        _next = next;
        _clock = clock;
        _listener.Start();
        Address = new UriBuilder(server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>The server's address, this way.</summary>
    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _connections.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            var down = client.GetStream();
            var fromClient = new WireReader(down);
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            var up = server.GetStream();
            var fromServer = new WireReader(up);
            while (await HttpMessage.ReadAsync(fromClient, null, () => SendAsync(down, "HTTP/1.1 100 Continue\r\n\r\n"), _stop.Token) is { } request)
            {
                Interlocked.Increment(ref _moving);
                try
                {
                    if (!await PassAsync(_next(), request, client, down, up, fromServer))
                        return;
                }
                finally
                {
                    Interlocked.Decrement(ref _moving);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Reset(client); // As if the server itself had broken off.
        }
    }

    /// <summary>Passes a request on, and the answer back, as the fault has it.</summary>
    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> PassAsync(Fault fault, HttpMessage request, TcpClient client, NetworkStream down, NetworkStream up, WireReader fromServer)
    {
        switch (fault)
        {
            case Fault.Reset:
                Reset(client);
                return false;
            case Fault.ResetMidway:
                var bytes = request.Bytes();
                await up.WriteAsync(bytes.AsMemory(0, bytes.Length - (request.Body.Length + 1) / 2), _stop.Token);
                Reset(client);
                return false;
            case Fault.Stall:
                await StandStillAsync(down);
                return false;
            case Fault.ServerError or Fault.SlowDown or Fault.Expired:
                await SendAsync(down, Refusal(fault, request));
                return false;
            default:
                break;
        }

        await up.WriteAsync(request.Bytes(), _stop.Token);
        var answer = await HttpMessage.ReadAsync(fromServer, request, () => Task.CompletedTask, _stop.Token) ?? throw new EndOfStreamException();
        switch (fault)
        {
            case Fault.LostAnswer:
                Reset(client);
                return false;
            case Fault.StalledAnswer:
                await StandStillAsync(down);
                return false;
            case Fault.Truncated when answer.Body.Length > 0:
                await down.WriteAsync(answer.Bytes(answer.Body[..(answer.Body.Length / 2)]), _stop.Token);
                return false;
            // Of listings nothing but TLS guards the bytes: neither protocol has a checksum for them. What one wrong listing does,
            // FlippedListingTests say; many in a row can hide what is to be removed.
            case Fault.Flipped when answer.Body.Length > 0 && !IsListing(request):
                answer.Body[(int)(Interlocked.Increment(ref _flips) * 7_919L % answer.Body.Length)] ^= 4;
                break;
            default:
                break;
        }

        await down.WriteAsync(answer.Bytes(), _stop.Token);
        return true;
    }

    private static bool IsListing(HttpMessage request) =>
        request.FirstLine.Contains("list-type=2", StringComparison.Ordinal) || request.FirstLine.Contains("comp=list", StringComparison.Ordinal);

    private string Refusal(Fault fault, HttpMessage request)
    {
        var (status, code) = (fault, _isAzure) switch
        {
            (Fault.ServerError, _) => ("500 Internal Server Error", "InternalError"),
            (Fault.SlowDown, false) => ("503 Slow Down", "SlowDown"),
            (Fault.SlowDown, true) => ("503 Server Busy", "ServerBusy"),
            (_, false) => ("403 Forbidden", "ExpiredToken"),
            (_, true) => ("403 Forbidden", "AuthenticationFailed"),
        };
        var body = request.FirstLine.StartsWith("HEAD ", StringComparison.Ordinal)
            ? "" : $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>It is not your day.</Message></Error>";
        return $"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nx-ms-error-code: {code}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }

    private async Task SendAsync(NetworkStream to, string text) => await to.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);

    /// <summary>Says nothing until the client gives up.</summary>
    private async Task StandStillAsync(NetworkStream down)
    {
        Interlocked.Decrement(ref _moving);
        try
        {
            var closed = UntilClosedAsync(down);
            while (await Task.WhenAny(closed, Task.Delay(StandStill, _stop.Token)) != closed)
            {
                if (Volatile.Read(ref _moving) == 0)
                    _clock.AdvanceToDeadline();
            }

            await closed;
        }
        finally
        {
            Interlocked.Increment(ref _moving);
        }
    }

    private async Task UntilClosedAsync(NetworkStream down)
    {
        while (await down.ReadAsync(new byte[1024], _stop.Token) > 0)
        {
        }
    }

    /// <summary>Ends a connection so that the other side cannot mistake it for a proper end.</summary>
    private static void Reset(TcpClient client)
    {
        client.LingerState = new(true, 0);
        client.Close();
    }
}

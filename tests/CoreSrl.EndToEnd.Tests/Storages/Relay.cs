using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>A way to a server on this machine that can be cut and mended.</summary>
internal sealed class Relay : IDisposable
{
    private readonly Uri _server;
    private readonly ConcurrentBag<TcpClient> _connections = [];
    private TcpListener? _listener;

    public Relay(Uri server)
    {
        _server = server;
        Mend();
        Address = new UriBuilder(server) { Port = Port }.Uri;
    }

    /// <summary>The server's address, this way.</summary>
    public Uri Address { get; }

    private int Port { get; set; }

    /// <summary>Whoever comes is refused, and all who are there are cut off.</summary>
    public void Cut()
    {
        _listener?.Stop();
        _listener = null;
        while (_connections.TryTake(out var connection))
            connection.Dispose();
    }

    /// <summary>Lets through again.</summary>
    public void Mend()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    public void Dispose() => Cut();

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                _connections.Add(client);
                _connections.Add(server);
                await server.ConnectAsync(_server.Host, _server.Port);
                if (_listener != listener)
                    Cut();
                _ = PassAsync(client, server);
                _ = PassAsync(server, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One of them is gone.
        }

        from.Dispose();
        to.Dispose();
    }
}

using System.CommandLine;
using System.Net;
using CoreSrl.Configuration;
using CoreSrl.Server;

namespace CoreSrl.Cli.Commands;

/// <summary>How a command is told where to listen, and to whom.</summary>
internal sealed class ListeningArguments
{
    private readonly Option<int> _port = new("--port") { Description = "The port; 0 for one that is free, which is then told.", DefaultValueFactory = _ => new ChatServerOptions().Port };
    private readonly Option<string> _host = new("--host") { Description = "The IP address to listen on; * for all of this machine's.", DefaultValueFactory = _ => "localhost" };
    private readonly Option<string?> _keyVariable = new("--key-variable") { Description = "The environment variable with the key that clients must send; without it, everybody is answered.", HelpName = "name" };
    private readonly Option<bool> _withoutKey = new("--without-key") { Description = "Answer everybody, though other machines reach the address." };

    /// <summary>Adds the arguments to a command.</summary>
    public ListeningArguments(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_host);
        command.Options.Add(_keyVariable);
        command.Options.Add(_withoutKey);
    }

    /// <summary>What was said.</summary>
    /// <exception cref="ConfigurationException">It makes no sense, or is not safe.</exception>
    public ChatServerOptions Read(ParseResult parsed)
    {
        var (port, host, variable, withoutKey) = (parsed.GetValue(_port), parsed.GetValue(_host)!, parsed.GetValue(_keyVariable), parsed.GetValue(_withoutKey));
        if (port is < 0 or > IPEndPoint.MaxPort)
            throw new ConfigurationException($"--port {port}: a port is from 0 to {IPEndPoint.MaxPort}.");
        if (withoutKey && variable is not null)
            throw new ConfigurationException("--without-key and --key-variable do not go together: answer everybody, or those with the key.");
        var address = AddressOf(host);
        var key = variable is null ? null : KeyIn(variable);
        if (key is null && !withoutKey && !IPAddress.IsLoopback(address))
            throw new ConfigurationException($"--host {host}: other machines reach this address, and would all be answered. Name a variable with a key as --key-variable, or say --without-key.");
        return new() { Address = address, Port = port, Key = key };
    }

    private static IPAddress AddressOf(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(host, out var address) ? address : throw new ConfigurationException($"--host {host}: not an IP address. Use localhost, * or an address such as 192.168.0.7."),
    };

    // The value is never shown.
    private static string KeyIn(string variable)
    {
        if (variable.StartsWith("SRL_", StringComparison.OrdinalIgnoreCase))
            throw new ConfigurationException($"--key-variable {variable}: variables that begin with SRL_ are settings of the configuration. Choose another name.");
        return Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } key
            ? key
            : throw new ConfigurationException($"--key-variable {variable}: there is no such environment variable, or it is empty.");
    }
}

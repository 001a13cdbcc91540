using System.Diagnostics;
using System.Reflection;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>A server of tests/servers, with its objects in memory; gone when it is no longer needed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _script;

    private ServerProcess(string name) => _script = Path.Combine(ServersPath, name);

    /// <summary>What it says of itself: an endpoint or a connection string.</summary>
    public string Address { get; private set; } = "";

    private static string ServersPath =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(value => value.Key == "ServersPath").Value!;

    /// <exception cref="InvalidOperationException">It cannot be had here; the message says why.</exception>
    public static async Task<ServerProcess> StartAsync(string name)
    {
        var server = new ServerProcess(name);
        server.Address = (await server.RunAsync("start", server._folder.Path, "0", "memory")).Trim();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop", _folder.Path);
        _folder.Dispose();
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [_script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{_script}: {await error}");
    }
}

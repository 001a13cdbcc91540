using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>A server of one test's own, whose store outlives its processes.</summary>
internal sealed class DurableServer : IAsyncDisposable
{
    private readonly string _script;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("core-srl-server-");

    private DurableServer(string name) => _script = Path.Combine(Scripts(), name);

    /// <summary>Its address: an endpoint or a connection string.</summary>
    public string Address { get; private set; } = "";

    /// <param name="name"><c>s3</c> or <c>azure</c>.</param>
    public static async Task<DurableServer> StartAsync(string name)
    {
        var server = new DurableServer(name);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync() => Address = (await RunAsync("start", "0", "durable")).Trim();

    /// <summary>Waits until what was acknowledged is on the disk: Azurite's index is, within seconds.</summary>
    public async Task UntilStoredAsync()
    {
        var index = new FileInfo(Path.Combine(_folder.FullName, "data", "__azurite_db_blob__.json"));
        for (var acknowledged = DateTime.UtcNow; index.Exists && index.LastWriteTimeUtc < acknowledged; index.Refresh())
        {
            if (DateTime.UtcNow - acknowledged > TimeSpan.FromSeconds(15))
                return; // It was before: nothing has changed since.
            await Task.Delay(50);
        }
    }

    /// <summary>SIGKILL, for all its processes or for one: nothing gets the chance to tidy up.</summary>
    public async Task KillAsync(string process = "*")
    {
        foreach (var file in _folder.GetFiles($"{process}.pid"))
        {
            using var killed = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(file.FullName)));
            killed.Kill();
            await killed.WaitForExitAsync();
        }
    }

    /// <summary>Starts what was killed again, with what the store kept.</summary>
    public async Task RestartAsync()
    {
        await RunAsync("stop");
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop");
        _folder.Delete(recursive: true);
    }

    private async Task<string> RunAsync(string command, params string[] more)
    {
        var start = new ProcessStartInfo("bash", [_script, command, _folder.FullName, .. more]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{_script} {command}: {await errors}");
    }

    private static string Scripts([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "servers"));
}

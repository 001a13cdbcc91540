using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Storage;

/// <summary>Another process in the middle of a write, which never ends by itself.</summary>
internal sealed class StallingWriter : IDisposable
{
    private readonly Process _process;

    private StallingWriter(Process process) => _process = process;

    /// <summary>Starts one and waits until half of its object is written.</summary>
    public static async Task<StallingWriter> StartAsync(string root)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(StallingWriter).Assembly.Location, "stall", root])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        Assert.Equal("stalled", await process.StandardOutput.ReadLineAsync());
        return new(process);
    }

    public int ProcessId => _process.Id;

    /// <summary>SIGKILL: it has no chance to clean up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(string root)
    {
        var source = new TestSource(new byte[8 << 20]) { Before = StallAsync };
        await LocalStoragePlugin.In(root).WriteFromAsync("stalled", source, WriteCondition.Always, default);
    }

    private static async Task StallAsync(long offset, CancellationToken cancellationToken)
    {
        if (offset == 0)
            return;
        Console.WriteLine("stalled");
        await Console.In.ReadToEndAsync(cancellationToken); // Ends with the process that started this one.
        throw new OperationCanceledException();
    }
}

using System.Diagnostics;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Another process that opens a directory when it is told to, and gives it free when it is told to.</summary>
internal sealed class ClaimingProcess : IDisposable
{
    private readonly Process _process;

    private ClaimingProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts one and waits until it is ready.</summary>
    public static async Task<ClaimingProcess> StartAsync(string directory)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ClaimingProcess).Assembly.Location, "claim", directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var claiming = new ClaimingProcess(Process.Start(start)!);
        Assert.Equal("ready", await claiming.HearAsync());
        return claiming;
    }

    /// <summary>Has it open the directory.</summary>
    /// <returns><c>taken</c>, or why not.</returns>
    public Task<string?> OpenAsync() => TellAsync("open");

    /// <summary>Has it give the directory free, and end.</summary>
    public async Task CloseAsync()
    {
        Assert.Equal("closed", await TellAsync("close"));
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGKILL: it gives nothing free.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(string directory)
    {
        Console.WriteLine("ready");
        CheckpointManager? manager = null;
        while (Console.ReadLine() is { } told) // Ends with the process that started this one.
        {
            try
            {
                if (told == "open")
                    manager = await CheckpointManager.OpenAsync(LocalStorage.In(directory));
                else if (manager is not null)
                    await manager.DisposeAsync();
                Console.WriteLine(told == "open" ? "taken" : "closed");
            }
            catch (DirectoryInUseException e)
            {
                Console.WriteLine(e.Message);
            }

            if (told == "close")
                return;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private Task<string?> TellAsync(string what)
    {
        _process.StandardInput.WriteLine(what);
        _process.StandardInput.Flush();
        return HearAsync();
    }

    private async Task<string?> HearAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _process.StandardOutput.ReadLineAsync(limit.Token);
    }
}

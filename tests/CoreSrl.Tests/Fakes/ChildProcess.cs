using System.Diagnostics;
using CoreSrl.Checkpoints.Claims;

namespace CoreSrl.Tests.Fakes;

/// <summary>A process of this machine that does nothing, for tests to stop and to kill.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process, int id)
    {
        _process = process;
        Identity = ProcessIdentity.Of(id);
    }

    public ProcessIdentity Identity { get; }

    public static ChildProcess Start()
    {
        var process = Process.Start("sleep", ["600"]);
        return new(process, process.Id);
    }

    /// <summary>Starts one whose parent never asks what became of it: when it is killed it stays a zombie.</summary>
    public static async Task<ChildProcess> StartUncaredForAsync()
    {
        var start = new ProcessStartInfo("sh", ["-c", "sleep 600 >&- & echo $!; exec sleep 600 >&-"]) { RedirectStandardOutput = true };
        var parent = Process.Start(start)!;
        return new(parent, int.Parse((await parent.StandardOutput.ReadLineAsync())!));
    }

    /// <summary>SIGSTOP: it is alive and does nothing.</summary>
    public Task StopAsync() => SignalAsync("STOP");

    /// <summary>SIGKILL; returns when it is dead, though it may be a zombie.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        while (await StateAsync() is not (null or 'Z'))
            await Task.Yield();
        if (_process.Id == Identity.Process)
            await _process.WaitForExitAsync();
    }

    /// <summary>The state that the system knows it in; null when it knows none.</summary>
    public async Task<char?> StateAsync()
    {
        try
        {
            var stat = await File.ReadAllTextAsync($"/proc/{Identity.Process}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        using (Process.Start("kill", ["-KILL", $"{Identity.Process}"]))
            _process.Kill();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Identity.Process}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}

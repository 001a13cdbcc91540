using System.Diagnostics;
using CoreSrl.Killing;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>A run of a program that saves checkpoints, to its end or its death.</summary>
internal sealed record CrashRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Where it was killed, in its own last words; null when it was not.</summary>
    public string? Killed => Error.Split('\n').FirstOrDefault(line => line.StartsWith("killed ", StringComparison.Ordinal));

    /// <summary>Runs a program.</summary>
    /// <param name="folder">The folder to run it in.</param>
    /// <param name="point">Where it dies; null to leave it alone.</param>
    /// <param name="arguments">What follows <c>dotnet</c>.</param>
    public static async Task<CrashRun> RunAsync(string folder, KillPoint? point, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[KillPoint.Variable] = point?.ToString() ?? "";
        start.Environment["DOTNET_TieredPGO"] = "0"; // It is started hundreds of times and ends at once.
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"The program did not end within {Limit}:\n{await output}\n{await error}");
        }

        return new(process.ExitCode, await output, await error);
    }

    /// <summary>The run, if it came to its end and said so.</summary>
    public CrashRun Finished(string end)
    {
        Assert.True(ExitCode == 0 && Output.Contains(end, StringComparison.Ordinal), $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>The run, if it died where it was told to.</summary>
    public CrashRun Died()
    {
        Assert.True(ExitCode == 137 && Killed is not null, $"exit code {ExitCode}\n{Output}\n{Error}"); // 128 + SIGKILL.
        return this;
    }
}

using System.Diagnostics;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Killing;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>A run of <c>tests/CrashProgram</c>, to its end or its death.</summary>
internal sealed record LoopRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The newest step that it knew to be durable.</summary>
    public long Durable => Output.Split('\n').Select(line => line.Split(' '))
        .Where(words => words[0] is "durable" or "restored").Select(words => long.Parse(words[1])).LastOrDefault();

    /// <summary>Where it was killed; null when it was not.</summary>
    public string? Killed => Error.Split('\n').FirstOrDefault(line => line.StartsWith("killed ", StringComparison.Ordinal));

    /// <summary>Runs it.</summary>
    /// <param name="directory">Where its checkpoints lie.</param>
    /// <param name="steps">At which step it ends.</param>
    /// <param name="point">Where it dies; null to leave it alone.</param>
    public static async Task<LoopRun> RunAsync(string directory, long steps, KillPoint? point)
    {
        var start = new ProcessStartInfo("dotnet", [Srl.Metadata("CrashProgramPath"), directory, $"{steps}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[KillPoint.Variable] = point?.ToString() ?? "";
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

    /// <summary>The run, if it came to its end.</summary>
    public LoopRun Finished()
    {
        Assert.True(ExitCode == 0 && Output.EndsWith("finished\n", StringComparison.Ordinal), $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>The run, if it died where it was told to.</summary>
    public LoopRun Died()
    {
        Assert.True(ExitCode == 137 && Killed is not null, $"exit code {ExitCode}\n{Output}\n{Error}"); // 128 + SIGKILL.
        return this;
    }
}

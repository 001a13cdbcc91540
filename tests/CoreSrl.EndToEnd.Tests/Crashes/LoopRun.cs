using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Killing;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>Runs of <c>tests/CrashProgram</c>.</summary>
internal static class LoopRun
{
    /// <summary>What it says at its end.</summary>
    public const string End = "finished\n";

    /// <summary>Runs it.</summary>
    /// <param name="directory">Where its checkpoints lie.</param>
    /// <param name="steps">At which step it ends.</param>
    /// <param name="point">Where it dies; null to leave it alone.</param>
    public static Task<CrashRun> RunAsync(string directory, long steps, KillPoint? point) =>
        CrashRun.RunAsync(directory, point, Srl.Metadata("CrashProgramPath"), directory, $"{steps}");

    /// <summary>The newest step that it knew to be durable.</summary>
    public static long DurableStep(this CrashRun run) => run.Output.Split('\n').Select(line => line.Split(' '))
        .Where(words => words[0] is "durable" or "restored").Select(words => long.Parse(words[1])).LastOrDefault();
}

using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.EndToEnd.Tests.Processes;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Readme;

/// <summary>README's own training loop, which uses the checkpoint manager without a trainer, killed at random moments.</summary>
public sealed class LoopTests(ITestOutputHelper output)
{
    private const int Kills = 5;

    [Fact]
    public async Task Killed_and_started_again_a_plain_training_loop_ends_in_the_same_bits()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        output.WriteLine($"seed {seed}");
        var random = new SeededRandom(seed);
        using var undisturbed = new TemporaryFolder();
        await RunAsync(undisturbed.Path, killAfter: null);
        using var folder = new TemporaryFolder();
        for (var kill = 0; kill < Kills; kill++)
        {
            // The first save comes after a tenth of the run; a kill soon after a line that the loop prints meets it in its middle.
            var moment = TimeSpan.FromMilliseconds(random.NextInt32(150));
            var said = await RunAsync(folder.Path, moment);
            output.WriteLine($"killed {moment.TotalMilliseconds} ms after '{said}'");
        }

        Assert.StartsWith("going on after step ", await RunAsync(folder.Path, killAfter: null), StringComparison.Ordinal);
        var (expected, actual) = (Final(undisturbed.Path), Final(folder.Path));
        foreach (var file in new[] { "model_weights/model.safetensors", "optimizer_state/model.safetensors" })
            Assert.True(File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(actual, file))), $"seed {seed}: {file} differs");
    }

    private static string Final(string folder) => Assert.Single(Directory.GetDirectories(Path.Combine(folder, "checkpoints/circle"), "final_*"));

    /// <summary>Runs the program to its end, or kills it some time after its second line.</summary>
    /// <returns>Its first line, or the one it was killed after.</returns>
    private static async Task<string> RunAsync(string folder, TimeSpan? killAfter)
    {
        var start = new ProcessStartInfo("dotnet", [Srl.Metadata("ReadmeLoopPath")]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var first = await process.StandardOutput.ReadLineAsync() ?? "";
        if (killAfter is { } moment)
        {
            first = await process.StandardOutput.ReadLineAsync() ?? first;
            await Task.Delay(moment);
            process.Kill();
            await process.WaitForExitAsync();
            return first;
        }

        var rest = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, rest);
        return first;
    }
}

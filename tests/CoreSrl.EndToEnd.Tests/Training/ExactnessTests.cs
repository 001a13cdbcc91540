using System.Globalization;
using CoreSrl.EndToEnd.Tests.Processes;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>A run that is killed again and again ends in the same bits as one that never was.</summary>
public sealed class ExactnessTests(ITestOutputHelper output)
{
    /// <summary>How often each run is killed; the script <c>tests/kill-points</c> asks for more.</summary>
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("CORESRL_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("asynchronous")]
    [InlineData("synchronized")]
    [InlineData("federated")]
    [InlineData("selective")]
    public async Task A_run_killed_at_random_moments_ends_in_the_same_bits(string weightUpdates)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"CORESRL_TEST_SEED={seed}");
        var random = new Random(seed);
        string[] train = ["train", "run.json", "--set", $"Training:WeightUpdates={weightUpdates}", "--set", "Training:MaxEpisodes=60"];
        using var undisturbed = new TemporaryFolder();
        using var disturbed = new TemporaryFolder();
        undisturbed.Write("run.json", Configurations.Small);
        disturbed.Write("run.json", Configurations.Small);

        (await Srl.RunAsync(undisturbed.Path, train)).Succeeded();
        var directory = new RunDirectory(disturbed.File("checkpoints/small"));
        var inTheMiddle = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = Srl.Start(disturbed.Path, train);
            // By turns some time after its first checkpoint, after its first episode, and while it starts.
            var (sign, within) = (kill % 4) switch { 1 => ("episode ", 400), 3 => ("", 1200), _ => ("saved ", 200) };
            await process.WaitForAsync(sign);
            var moment = TimeSpan.FromMilliseconds(random.Next(within));
            await Task.Delay(moment);
            process.Kill();
            await process.WaitAsync();
            var unfinished = directory.Checkpoints.Count > 0 && !directory.Checkpoints.Any(RunDirectory.IsFinal);
            inTheMiddle += unfinished ? 1 : 0;
            output.WriteLine($"killed {moment.TotalMilliseconds} ms after it {(sign.Length == 0 ? "started" : $"said '{sign}'")}; {directory.Checkpoints.Count} checkpoints");
            if (directory.Checkpoints.Any(RunDirectory.IsFinal))
                Directory.Delete(disturbed.File("checkpoints"), recursive: true);
        }

        Assert.True(inTheMiddle > 0, "No kill met a run with a checkpoint behind it and episodes before it.");
        (await Srl.RunAsync(disturbed.Path, train)).Succeeded();
        RunDirectory.AssertSameRun(new(undisturbed.File("checkpoints/small")), directory);
    }

    [Fact]
    public async Task Another_seed_ends_in_other_bits()
    {
        // Without this the test above could pass on files that never change.
        using var one = new TemporaryFolder();
        using var other = new TemporaryFolder();
        one.Write("run.json", Configurations.Small);
        other.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(one.Path, "train", "run.json")).Succeeded();
        (await Srl.RunAsync(other.Path, "train", "run.json", "--set", "Training:Seed=8")).Succeeded();
        var adapters = new[] { one, other }.Select(folder =>
            File.ReadAllBytes(Path.Combine(new RunDirectory(folder.File("checkpoints/small")).Checkpoints[^1], "lora_weights/lora_0.pt"))).ToList();
        Assert.False(adapters[0].AsSpan().SequenceEqual(adapters[1]));
    }
}

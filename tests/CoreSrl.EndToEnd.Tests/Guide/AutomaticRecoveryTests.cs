using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Automatic Recovery": the same command whatever has happened.</summary>
public sealed class AutomaticRecoveryTests
{
    private static readonly string[] Train = ["train", "run.json", "--set", "Training:MaxEpisodes=12"];

    [Fact]
    public async Task It_starts_where_there_is_nothing_falls_back_past_what_is_damaged_and_never_starts_over_on_damaged_data()
    {
        using var undisturbed = new TemporaryFolder();
        undisturbed.Write("run.json", Configurations.Small);
        var fresh = (await Srl.RunAsync(undisturbed.Path, Train)).Succeeded();
        Assert.DoesNotContain("Going on", fresh.Output, StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(folder.Path, Train)).Succeeded();
        var directory = new RunDirectory(folder.File("checkpoints/small"));
        var (older, damaged) = (directory.Checkpoints[^3], directory.Checkpoints.TakeLast(2).ToList());
        Damage(Path.Combine(damaged[0], "metadata.json"));
        Damage(Path.Combine(damaged[1], "lora_weights/lora_0.pt"));

        var recovered = (await Srl.RunAsync(folder.Path, Train)).Succeeded();
        Assert.Contains($"Checkpoint '{Path.GetFileName(damaged[0])}': metadata.json ", recovered.Output, StringComparison.Ordinal);
        Assert.Contains($"Checkpoint '{Path.GetFileName(damaged[1])}': lora_weights/lora_0.pt ", recovered.Output, StringComparison.Ordinal);
        Assert.Contains($"Going on from checkpoint '{Path.GetFileName(older)}' at episode 6.", recovered.Output, StringComparison.Ordinal);
        Assert.All(damaged, checkpoint => Assert.True(Directory.Exists(checkpoint)));
        var final = Directory.GetDirectories(folder.File("checkpoints/small"), "final_*").Single(checkpoint => checkpoint != damaged[1]);
        RunDirectory.AssertSameTensors(new RunDirectory(undisturbed.File("checkpoints/small")).Checkpoints[^1], final);

        foreach (var metadata in Directory.GetFiles(folder.Path, "metadata.json", SearchOption.AllDirectories).Where(file => Path.GetDirectoryName(file) != damaged[0]))
            Damage(metadata);
        var refused = await Srl.RunAsync(folder.Path, Train);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("is damaged, so there is nothing to go on from.", refused.Error, StringComparison.Ordinal);
    }

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}

using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>Ctrl-C and SIGTERM save and exit 130; the run goes on later to the same bits.</summary>
public sealed class InterruptionTests
{
    private static readonly string[] Train = ["train", "run.json", "--set", "Training:MaxEpisodes=160", "--set", "Checkpoints:SaveInterval=1000"];

    [Theory]
    [InlineData(2)] // SIGINT, Ctrl-C
    [InlineData(15)] // SIGTERM
    public async Task A_signal_saves_the_last_episode_and_the_run_goes_on_from_it(int signal)
    {
        using var undisturbed = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        undisturbed.Write("run.json", Configurations.Small);
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(undisturbed.Path, Train)).Succeeded();

        using var process = Srl.Start(folder.Path, Train);
        await process.WaitForAsync("episode      8/160");
        process.Signal(signal);
        var result = await process.WaitAsync();
        Assert.Equal(130, result.ExitCode);
        var directory = new RunDirectory(folder.File("checkpoints/small"));
        var saved = Assert.Single(directory.Checkpoints);
        Assert.Contains("interrupted", RunDirectory.Metadata(saved)["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.False((bool)RunDirectory.Metadata(saved)["final"]!);
        Assert.Contains(Path.GetFileName(saved), result.Output, StringComparison.Ordinal);

        var resumed = (await Srl.RunAsync(folder.Path, Train)).Succeeded();
        Assert.Contains($"Going on from checkpoint '{Path.GetFileName(saved)}'", resumed.Output, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(directory.Checkpoints[^1], "*.pt", SearchOption.AllDirectories))
        {
            var twin = Path.Combine(new RunDirectory(undisturbed.File("checkpoints/small")).Checkpoints[^1], Path.GetRelativePath(directory.Checkpoints[^1], file));
            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(twin)), file);
        }
    }
}

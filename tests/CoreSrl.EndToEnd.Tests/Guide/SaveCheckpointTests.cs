using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Save Checkpoint": by hand, here by SIGUSR1 to the running command. The gates hold an episode until the signal has come.</summary>
public sealed class SaveCheckpointTests
{
    private const int AskForCheckpoint = 10; // SIGUSR1 on Linux

    [Fact]
    public async Task A_signal_asks_for_a_checkpoint_at_the_end_of_the_episode_and_several_at_once_for_one()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Fail("The signal's number is that of Linux; run the tests there.");
        using var folder = new TemporaryFolder();
        using var process = Start(folder, "4", "[ 1, 3 ]");

        await WaitForAsync(folder, "waiting-1");
        process.Signal(AskForCheckpoint);
        await process.WaitForAsync("Asked for a checkpoint: it is taken at the end of this episode.");
        folder.Write("go-1", "");
        await process.WaitForAsync("of episode 1, as asked.");
        await WaitForAsync(folder, "waiting-3");
        for (var signal = 0; signal < 5; signal++)
            process.Signal(AskForCheckpoint);
        while (process.Output.Split("Asked for a checkpoint").Length < 3)
        {
            Assert.False(process.HasExited);
            await Task.Delay(5);
        }

        folder.Write("go-3", "");
        var output = (await process.WaitAsync()).Succeeded().Output;

        var checkpoints = new RunDirectory(folder.File("checkpoints")).Checkpoints;
        Assert.Equal([1, 3, 4], checkpoints.Select(RunDirectory.Episode));
        Assert.All(checkpoints.Take(2), saved =>
        {
            var metadata = RunDirectory.Metadata(saved);
            Assert.Equal("""["manual"]""", metadata["tags"]!.ToJsonString());
            Assert.Equal(("asked for", false), ((string)metadata["reason"]!, (bool)metadata["final"]!));
            Assert.Contains($"Saved '{Path.GetFileName(saved)}' of episode {metadata["episode"]}, as asked.", output, StringComparison.Ordinal);
        });
        Assert.True(RunDirectory.IsFinal(checkpoints[2]));
    }

    [Fact]
    public async Task Signals_at_any_moment_from_the_first_line_to_the_last_do_no_harm()
    {
        using var folder = new TemporaryFolder();
        using var process = Start(folder, "12", "[ 1 ]");
        await WaitForAsync(folder, "waiting-1");
        folder.Write("go-1", "");
        while (process.TrySignal(AskForCheckpoint))
            await Task.Delay(1);

        (await process.WaitAsync()).Succeeded();
        Assert.Single(new RunDirectory(folder.File("checkpoints")).Checkpoints, RunDirectory.IsFinal);
        var verified = (await Srl.RunAsync(folder.Path, "verify", "--dir", "checkpoints")).Succeeded();
        Assert.Contains("all whole.", verified.Output, StringComparison.Ordinal);
        Assert.Contains("is finished: 12 of 12 episodes", (await Srl.RunAsync(folder.Path, Arguments("12", "[ 1 ]", folder))).Succeeded().Output, StringComparison.Ordinal);
    }

    private static Srl Start(TemporaryFolder folder, string episodes, string gates) => Srl.Start(folder.Path, Arguments(episodes, gates, folder));

    private static string[] Arguments(string episodes, string gates, TemporaryFolder folder)
    {
        folder.Write("run.json", $$"""
            {
              "Training": { "RunName": "run", "MaxEpisodes": {{episodes}}, "GamesPerEpisode": 2 },
              "Environment": { "Use": "gate", "Episodes": {{gates}} },
              "Models": [ { "Id": "one", "Use": "torch-lora" } ],
              "Checkpoints": { "Directory": "checkpoints", "MaxCheckpoints": -1, "SaveInterval": 1000 },
              "Plugins": { "Directories": [ {{System.Text.Json.Nodes.JsonValue.Create(TestPlugins.Folder).ToJsonString()}} ] }
            }
            """);
        return ["train", "run.json"];
    }

    private static async Task WaitForAsync(TemporaryFolder folder, string file)
    {
        while (!File.Exists(folder.File(file)))
            await Task.Delay(5);
    }
}

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>What a plugin that fails can take down, and what it cannot.</summary>
public class FailingPluginTests
{
    [Fact]
    public async Task A_contributor_that_throws_is_recorded_and_the_checkpoint_is_saved_all_the_same()
    {
        using var run = new PluginRun(metadata: """[ { "Use": "throwing-contributor" }, { "Use": "clock" } ]""");

        (await run.TrainAsync()).Succeeded();

        var final = (await run.CheckpointsAsync())[0];
        Assert.Equal(
            "Metadata contributor 'throwing-contributor' failed: InvalidOperationException: the sensor is unplugged",
            (string?)Assert.Single(final["warnings"]!.AsArray()));
        Assert.NotNull(final["global_metrics"]!["unix_seconds"]);
    }

    [Fact]
    public async Task A_policy_that_throws_is_reported_and_neither_ends_the_run_nor_loses_a_checkpoint()
    {
        using var run = new PluginRun(policies: """[ { "Use": "throwing-policy" }, { "Use": "milestone", "Episodes": [ 1, 2 ] } ]""");

        var result = (await run.TrainAsync("Checkpoints:MaxCheckpoints=1")).Succeeded();

        Assert.Equal([4, 2, 1], (await run.CheckpointsAsync()).Select(checkpoint => (int)checkpoint["episode"]!));
        Assert.Contains("Policy 'throwing-policy' failed at episode 1 and was taken as no: no decision today", result.Output, StringComparison.Ordinal);
        Assert.Contains("Policy 'throwing-policy' failed, so nothing is removed this time: nothing comes to mind", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_environment_that_breaks_ends_the_run_with_its_last_good_episode_saved_and_the_next_run_goes_on_there()
    {
        using var run = new PluginRun("fragile");

        var failed = await run.TrainAsync("Environment:BreaksInGame=3");

        Assert.Equal(1, failed.ExitCode);
        var emergency = Assert.Single(await run.CheckpointsAsync());
        Assert.Equal(2, (int)emergency["episode"]!);
        Assert.Equal("[\"emergency\"]", emergency["tags"]!.ToJsonString());
        Assert.Equal(
            $"srl: Training failed after episode 2: the simulator hung up. The last good episode is saved as '{emergency["checkpoint_id"]}'; "
            + "mend the cause and run again to go on from there.\n",
            failed.Error);

        var mended = (await run.TrainAsync()).Succeeded();

        Assert.Contains($"Going on from checkpoint '{emergency["checkpoint_id"]}' at episode 2.", mended.Output, StringComparison.Ordinal);
        var final = (await run.CheckpointsAsync())[0];
        Assert.Equal(4, (int)final["episode"]!);
        Assert.Equal((string?)emergency["run_id"], (string?)final["run_id"]);
    }

    [Fact]
    public async Task An_environment_that_breaks_at_once_leaves_nothing_to_save_and_says_so()
    {
        using var run = new PluginRun("fragile");

        var failed = await run.TrainAsync("Environment:BreaksInGame=1");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("No episode had been completed, so there was nothing to save.", failed.Error, StringComparison.Ordinal);
        Assert.Empty(await run.CheckpointsAsync());
    }
}

using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>A plugin that does not come back costs no episode that was completed before.</summary>
public class HangingPluginTests
{
    private const string Limit = "Plugins:TimeLimit=00:00:03";

    [Fact]
    public async Task A_constructor_that_hangs_ends_the_start_with_a_message()
    {
        using var run = new PluginRun(policies: """[ { "Use": "hanging-policy", "In": "constructor" } ]""");

        var result = await run.TrainAsync(Limit);

        Assert.Equal((2, "srl: Checkpoints:Policies:0: plugin 'hanging-policy' hangs: its constructor has not come back within 00:00:03 (Plugins:TimeLimit).\n"), (result.ExitCode, result.Error));
        Assert.Empty(await run.CheckpointsAsync());
    }

    [Fact]
    public async Task A_policy_that_hangs_ends_the_run_with_the_episode_saved_at_which_it_was_asked()
    {
        using var run = new PluginRun(policies: """[ { "Use": "hanging-policy" } ]""");

        var failed = await run.TrainAsync(Limit);

        await CheckSavedAsync(run, failed, 3, "policy 'hanging-policy' hangs: Decide has not come back within 00:00:03 (Plugins:TimeLimit)");
        (await run.TrainAsync("Checkpoints:Policies:0:AtEpisode=100")).Succeeded();
        Assert.Equal(4, (int)(await run.CheckpointsAsync())[0]["episode"]!);
    }

    [Fact]
    public async Task A_policy_that_hangs_at_the_last_episode_loses_nothing_either()
    {
        using var run = new PluginRun(policies: """[ { "Use": "hanging-policy", "AtEpisode": 4 } ]""");

        await CheckSavedAsync(run, await run.TrainAsync(Limit), 4, "policy 'hanging-policy' hangs: Decide has not come back within 00:00:03 (Plugins:TimeLimit)");
    }

    [Fact]
    public async Task A_policy_that_hangs_when_asked_what_to_keep_has_nothing_removed()
    {
        using var run = new PluginRun(policies: """[ { "Use": "hanging-policy", "In": "keep" } ]""");

        // Only the final checkpoint is saved, so training is over when the policy is asked.
        var result = (await run.TrainAsync(Limit)).Succeeded();

        Assert.Equal([4], (await run.CheckpointsAsync()).Select(checkpoint => (int)checkpoint["episode"]!));
        Assert.Contains("Policy 'hanging-policy' failed, so nothing is removed this time: policy 'hanging-policy' hangs: Keep has not come back", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_contributor_that_hangs_ends_the_run_with_the_episode_before_saved()
    {
        using var run = new PluginRun(metadata: """[ { "Use": "hanging-contributor" } ]""");

        await CheckSavedAsync(run, await run.TrainAsync(Limit), 2, "metadata contributor 'hanging-contributor' hangs: Contribute has not come back within 00:00:03 (Plugins:TimeLimit)");
    }

    [Fact]
    public async Task An_environment_that_hangs_ends_the_run_when_its_own_limit_is_over()
    {
        using var run = new PluginRun("hanging-environment");

        var failed = await run.TrainAsync("Environment:InGame=3", "Plugins:WorkTimeLimit=00:00:03");

        await CheckSavedAsync(run, failed, 2, "environment 'hanging-environment' hangs: StepAsync has not come back within 00:00:03 (Plugins:WorkTimeLimit)");
    }

    [Fact]
    public async Task Whoever_interrupts_a_run_whose_environment_hangs_loses_nothing()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var run = new PluginRun("hanging-environment");
        using var training = run.Start("Environment:InGame=3");
        await run.WaitForFileAsync("hanging");

        training.Signal(15);
        var result = await training.WaitAsync();

        Assert.Equal(130, result.ExitCode);
        var saved = Assert.Single(await run.CheckpointsAsync());
        Assert.Equal((2, "[\"interrupted\"]"), ((int)saved["episode"]!, saved["tags"]!.ToJsonString()));
    }

    [Fact]
    public async Task Whoever_interrupts_a_run_whose_policy_hangs_loses_nothing()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var run = new PluginRun(policies: """[ { "Use": "hanging-policy" } ]""");
        using var training = run.Start();
        await run.WaitForFileAsync("hanging");

        training.Signal(15);
        var result = await training.WaitAsync();

        await CheckSavedAsync(run, result, 3, "policy 'hanging-policy' hangs: Decide had not come back 10 s after the run was told to stop");
    }

    private static async Task CheckSavedAsync(PluginRun run, SrlResult failed, int episode, string because)
    {
        Assert.Equal(1, failed.ExitCode);
        var emergency = Assert.Single(await run.CheckpointsAsync());
        Assert.Equal((episode, "[\"emergency\"]"), ((int)emergency["episode"]!, emergency["tags"]!.ToJsonString()));
        Assert.Equal(
            $"srl: Training failed after episode {episode}: {because}. The last good episode is saved as '{emergency["checkpoint_id"]}'; "
            + "mend the cause and run again to go on from there.\n",
            failed.Error);
    }
}

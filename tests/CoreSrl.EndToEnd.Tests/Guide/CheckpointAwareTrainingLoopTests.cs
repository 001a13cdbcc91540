using CoreSrl.EndToEnd.Tests.Plugins;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Checkpoint-Aware Training Loop": whichever way training ends, its last episode is saved, and the end is verified. The
/// interruption itself is in <see cref="Training.InterruptionTests"/>.</summary>
public sealed class CheckpointAwareTrainingLoopTests
{
    [Fact]
    public async Task A_finished_run_has_read_its_final_checkpoint_back()
    {
        using var run = new PluginRun();
        var result = (await run.TrainAsync()).Succeeded();
        Assert.Contains("Final checkpoint, read back and verified: ", result.Output, StringComparison.Ordinal);
        var unverified = (await run.TrainAsync("Training:MaxEpisodes=5", "Checkpoints:VerifyFinal=false")).Succeeded();
        Assert.Contains("Final checkpoint: ", unverified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_final_checkpoint_that_is_not_what_was_written_is_a_failure_and_the_next_run_saves_it_anew()
    {
        using var run = new PluginRun();
        var failed = await run.TrainAsync("Checkpoints:Storage:Use=rotting");
        Assert.Equal(1, failed.ExitCode);
        Assert.StartsWith("srl: Training failed after episode 4: The final checkpoint was read back and is not what was written: Checkpoint 'final_run_ep_4_", failed.Error, StringComparison.Ordinal);
        Assert.Contains("The last good episode is saved as 'run_ep_4_", failed.Error, StringComparison.Ordinal);

        var mended = (await run.TrainAsync()).Succeeded();
        Assert.Contains("Final checkpoint, read back and verified: ", mended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_saves_the_last_good_episode_as_an_emergency_checkpoint()
    {
        using var run = new PluginRun("fragile");
        var failed = await run.TrainAsync("Environment:BreaksInGame=3");
        Assert.Equal(1, failed.ExitCode);
        var emergency = Assert.Single(await run.CheckpointsAsync());
        Assert.Equal(("""["emergency"]""", 2), (emergency["tags"]!.ToJsonString(), (int)emergency["episode"]!));
        (await run.TrainAsync()).Succeeded();
        Assert.True((bool)(await run.CheckpointsAsync())[0]["final"]!);
    }
}

using CoreSrl.Tests.Fakes;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

/// <summary>A run says that it is finished when its final checkpoint was read back and is what was written.</summary>
public sealed class FinalCheckTests
{
    [Theory]
    [InlineData("lora_0.pt")]
    [InlineData("training_state.json")]
    [InlineData("metadata.json")]
    public async Task A_final_checkpoint_that_is_not_what_was_written_fails_the_run_and_the_last_episode_is_saved_again(string file)
    {
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        await using (var trainer = await trial.OpenAsync(typeof(RottingStorage), $"Checkpoints:Storage:Rots={file}"))
        {
            var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
            var rotten = Path.GetFileName(Assert.Single(Directory.GetDirectories(trial.Folder, "final_*")));
            Assert.StartsWith($"Training failed after episode 10: The final checkpoint was read back and is not what was written: Checkpoint '{rotten}': ", error.Message, StringComparison.Ordinal);
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
            Assert.EndsWith($"The last good episode is saved as '{trainer.Checkpoints[0].Id}'; mend the cause and run again to go on from there.", error.Message, StringComparison.Ordinal);
            Assert.Equal(["emergency"], trainer.Checkpoints[0].Tags.ToArray());
        }

        trial.Notices.Clear();
        var again = await trial.TrainAsync();
        Assert.Equal((TrainingOutcome.Finished, true), (again.Outcome, again.Verified));
        Assert.Equal(expected, trial.Content(again.Checkpoint));
    }

    [Fact]
    public async Task A_finished_run_says_whether_it_was_verified()
    {
        using var trial = new Trial();
        Assert.True((await trial.TrainAsync()).Verified);
        await using var unverified = await trial.OpenAsync(typeof(RottingStorage), "Training:MaxEpisodes=12", "Checkpoints:VerifyFinal=false");
        var result = await unverified.TrainAsync();
        Assert.Equal((TrainingOutcome.Finished, false), (result.Outcome, result.Verified));
    }

    [Fact]
    public async Task Cancelled_while_it_is_read_back_the_run_is_not_called_finished()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        using var stop = new CancellationTokenSource();
        trainer.CheckpointSaved += saved =>
        {
            if (saved.Final)
                stop.Cancel();
        };
        var result = await trainer.TrainAsync(stop.Token);
        Assert.Equal((TrainingOutcome.Interrupted, false, true), (result.Outcome, result.Verified, result.Checkpoint!.Final));
        Assert.Equal(TrainingOutcome.AlreadyFinished, (await trainer.TrainAsync()).Outcome);
    }
}

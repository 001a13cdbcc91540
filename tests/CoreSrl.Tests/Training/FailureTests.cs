using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class FailureTests
{
    // A batch is gone over twice, so step 13 is the first of episode 7's update: the model's weights have changed when it fails.
    private const string FailsInEpisode7 = "Models:1:FailAtStep=13";

    [Fact]
    public async Task A_model_that_fails_while_learning_leaves_an_emergency_checkpoint_of_the_boundary_before()
    {
        using var uninterrupted = new Trial();
        var expected = uninterrupted.Content((await uninterrupted.TrainUntilAsync(6)).Checkpoint);
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(FailsInEpisode7);
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        var saved = trainer.Checkpoints[0];
        Assert.Equal(
            $"Training failed after episode 6: the loss is not a number. The last good episode is saved as '{saved.Id}'; mend the cause and run again to go on from there.",
            error.Message);
        Assert.IsType<InvalidDataException>(error.InnerException);
        Assert.Equal(6, saved.Episode);
        Assert.Equal(["emergency"], saved.Tags.ToArray());
        Assert.Equal(expected, trial.Content(saved));
    }

    [Fact]
    public async Task A_model_that_cannot_be_captured_leaves_an_emergency_checkpoint_of_the_boundary_before()
    {
        using var uninterrupted = new Trial();
        var expected = uninterrupted.Content((await uninterrupted.TrainUntilAsync(6)).Checkpoint);
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync("Models:1:LoseStateAtStep=14");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        Assert.StartsWith("Training failed after episode 6: the state is lost. The last good episode is saved as '", error.Message, StringComparison.Ordinal);
        Assert.Equal((6, expected), (trainer.Checkpoints[0].Episode, trial.Content(trainer.Checkpoints[0])));
    }

    [Fact]
    public async Task After_the_cause_is_mended_the_run_ends_with_the_same_bits()
    {
        using var uninterrupted = new Trial();
        var expected = uninterrupted.Content((await uninterrupted.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        await Assert.ThrowsAsync<TrainingFailedException>(() => trial.TrainAsync(FailsInEpisode7));
        Assert.Equal(expected, trial.Content((await trial.TrainAsync()).Checkpoint));
    }

    [Fact]
    public async Task Trained_again_in_the_same_process_the_models_begin_at_the_boundary_not_where_they_failed()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(FailsInEpisode7);
        await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        var first = trial.Content(trainer.Checkpoints[0]);
        var again = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        Assert.Contains("Training failed after episode 6: the loss is not a number", again.Message, StringComparison.Ordinal);
        Assert.Equal(first, trial.Content(await trainer.SaveCheckpointAsync()));
    }

    [Fact]
    public async Task Trained_again_after_a_load_that_failed_the_models_begin_at_the_boundary()
    {
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        await Trial.TrainUntilAsync(trainer, 6);
        trial.Damage(trainer.Checkpoints[1], "lora_weights/lora_2.pt");
        await Assert.ThrowsAsync<CoreSrl.Checkpoints.DamagedCheckpointException>(() => trainer.LoadCheckpointAsync(trainer.Checkpoints[1].Id));
        Assert.Equal(expected, trial.Content((await trainer.TrainAsync()).Checkpoint));
    }

    [Fact]
    public async Task A_failure_before_the_first_episode_has_nothing_to_save()
    {
        using var trial = new Trial();
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trial.TrainAsync("Models:0:FailAtStep=1"));
        Assert.Equal("Training failed after episode 0: the loss is not a number. No episode had been completed, so there was nothing to save.", error.Message);
        Assert.Equal(TrainingOutcome.Finished, (await trial.TrainAsync()).Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_save_that_failed_does_not_keep_the_last_boundary_from_being_saved(int failures)
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(typeof(FailingStorage), $"Checkpoints:Storage:Failures={failures}", FailsInEpisode7, "Checkpoints:SaveInterval=6");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        var saved = Assert.Single(trainer.Checkpoints);
        Assert.Equal(6, saved.Episode);
        Assert.Contains($"The last good episode is saved as '{saved.Id}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)] // Nobody is there.
    [InlineData(60)] // Somebody is there and says nothing, until a request is given up.
    public async Task An_outage_is_waited_for_once_and_no_longer_than_is_stated(int timeout)
    {
        var clock = new JumpingClock();
        using var trial = new Trial { Time = clock };
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:RetryFor=00:02:00", "Checkpoints:Asynchronous=false");
        var isDown = false;
        trial.Storage.Before = trial.Storage.Reading = (_, key) =>
        {
            if (!isDown)
                return Task.CompletedTask;
            clock.Advance(TimeSpan.FromSeconds(timeout));
            throw new StorageException(StorageErrorKind.Transient, key, "nobody answers");
        };
        trainer.EpisodeCompleted += report => isDown = report.Progress.Episode >= 5;
        var start = clock.Now;

        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        await trainer.DisposeAsync();

        Assert.Equal(
            "Training failed after episode 8: nobody answers. The last good episode could not be saved for the same reason. The newest checkpoint is 'trial_ep_4_1764000000'.",
            error.Message);
        var shortest = TimeSpan.FromMinutes(2);
        Assert.InRange(clock.Now - start, shortest, shortest + (4 * TimeSpan.FromSeconds(timeout)) + TimeSpan.FromSeconds(timeout == 0 ? 50 : 10));
    }

    [Fact]
    public async Task The_checkpoint_after_a_save_that_failed_names_no_parent_that_is_not_there()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(typeof(FailingStorage), "Checkpoints:Storage:Failures=1", "Checkpoints:SaveInterval=3");
        await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        var emergency = Assert.Single(trainer.Checkpoints);
        var metadata = JsonNode.Parse(await File.ReadAllTextAsync(trial.File(emergency.Id, "metadata.json")))!;
        Assert.Null(metadata["parent"]);
        await trainer.SaveCheckpointAsync();
        metadata = JsonNode.Parse(await File.ReadAllTextAsync(trial.File(trainer.Checkpoints[0].Id, "metadata.json")))!;
        Assert.Equal(emergency.Id, (string?)metadata["parent"]);
    }

    [Fact]
    public async Task An_interruption_does_not_hide_that_nothing_could_be_saved()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(typeof(FailingStorage), "Checkpoints:Storage:Failures=1000");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => Trial.TrainUntilAsync(trainer, 3));
        Assert.Equal("Training was interrupted after episode 3, which could not be saved: the wire is cut. There is no checkpoint.", error.Message);
    }

    [Fact]
    public async Task A_failure_is_told_though_the_storage_fails_too()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(typeof(FailingStorage), "Checkpoints:Storage:Failures=1000", "Models:1:FailAtStep=3");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        Assert.Equal("Training failed after episode 1: the loss is not a number. The last good episode could not be saved either: the wire is cut. There is no checkpoint.", error.Message);
    }

    [Fact]
    public async Task Whoever_asked_for_a_checkpoint_is_told_when_it_cannot_be_taken()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync(typeof(FailingStorage), "Checkpoints:Storage:Failures=1000", "Checkpoints:Storage:Delay=00:00:00.5", "Checkpoints:SaveInterval=1");
        Task<SavedCheckpoint>? asked = null;
        trainer.EpisodeCompleted += report => asked ??= report.Progress.Episode == 2 ? trainer.SaveCheckpointAsync() : null;
        await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        Assert.NotNull(asked);
        await Task.WhenAny(asked, Task.Delay(TimeSpan.FromSeconds(10)));
        Assert.True(asked is { IsCompleted: true, IsCompletedSuccessfully: false });
    }

    [Fact]
    public async Task A_policy_that_fails_stops_nothing()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync("Checkpoints:Policies:0:Use=test-policy", "Checkpoints:Policies:0:Fail=true", "Checkpoints:MaxCheckpoints=1");
        Assert.Equal(TrainingOutcome.Finished, (await trainer.TrainAsync()).Outcome);
        Assert.Equal([10, 8, 4], trainer.Checkpoints.Select(checkpoint => checkpoint.Episode));
    }
}

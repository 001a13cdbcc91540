using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class MultiModelTrainerTests
{
    [Fact]
    public async Task A_run_trains_saves_and_lists_its_checkpoints()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync("Checkpoints:Metadata:0:Use=test-metadata", "Checkpoints:Policies:0:Use=test-policy");
        Assert.False(Directory.Exists(trial.Folder));
        var reports = new List<EpisodeReport>();
        var saved = new System.Collections.Concurrent.ConcurrentQueue<string>();
        trainer.EpisodeCompleted += reports.Add;
        trainer.CheckpointSaved += checkpoint => saved.Enqueue(checkpoint.Id);

        var result = await trainer.TrainAsync();

        Assert.Equal((TrainingOutcome.Finished, 10), (result.Outcome, result.Episode));
        Assert.Equal([10, 9, 8, 6, 4, 3], trainer.Checkpoints.Select(checkpoint => checkpoint.Episode));
        Assert.Equal(trainer.Checkpoints.Reverse().Select(checkpoint => checkpoint.Id), saved);
        Assert.Equal("final_trial_ep_10_1764000000", result.Checkpoint!.Id);
        Assert.True(result.Checkpoint.Final);
        Assert.Equal(5, result.Checkpoint.Metrics["test_value"]);
        Assert.Equal(["kept"], trainer.Checkpoints[1].Tags.ToArray());
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), reports.Select(report => report.Progress.Episode));
        Assert.Equal(0.5, reports[0].Progress.Metrics["test_value"]);
        Assert.All(result.Models, model => Assert.Equal((10, 20, 10), (model.EpisodeCount, model.GameCount, model.UpdateCount)));

        var metadata = trial.Read(result.Checkpoint, "metadata.json");
        Assert.Equal(trainer.Checkpoints[1].Id, (string?)metadata["parent"]);
        Assert.Equal(0.05, (double)metadata["config"]!["training"]!["learning_rate"]!);
        Assert.Equal(10, (int)metadata["model_states"]!["a"]!["episode_count"]!);
        Assert.Equal("training is finished", (string?)metadata["reason"]);
    }

    [Fact]
    public async Task A_finished_run_is_left_as_it_is()
    {
        using var trial = new Trial();
        var finished = await trial.TrainAsync();
        var before = Files(trial);
        var result = await trial.TrainAsync();
        Assert.Equal((TrainingOutcome.AlreadyFinished, 10), (result.Outcome, result.Episode));
        Assert.Equal(finished.Checkpoint!.Id, result.Checkpoint!.Id);
        Assert.Equal(before, Files(trial));
    }

    [Fact]
    public async Task A_resume_says_where_it_goes_on()
    {
        using var trial = new Trial();
        var stopped = await trial.TrainUntilAsync(6);
        Assert.Equal((TrainingOutcome.Interrupted, 6), (stopped.Outcome, stopped.Episode));
        Assert.Equal(["interrupted"], stopped.Checkpoint!.Tags.ToArray());
        await trial.TrainAsync();
        Assert.Equal([$"Going on from checkpoint '{stopped.Checkpoint.Id}' at episode 6."], trial.Notices);
    }

    [Fact]
    public async Task Stopped_where_a_checkpoint_was_just_taken_no_second_one_is()
    {
        using var trial = new Trial();
        var stopped = await trial.TrainUntilAsync(4);
        Assert.Equal("every 4 episodes", (string?)trial.Read(stopped.Checkpoint, "metadata.json")["reason"]);
        Assert.Single(Directory.GetDirectories(trial.Folder, "trial_ep_*"));
    }

    [Fact]
    public async Task Before_training_there_is_nothing_to_save()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        var error = Assert.Throws<InvalidOperationException>(() => { _ = trainer.SaveCheckpointAsync(); });
        Assert.Equal("There is nothing to save yet: train or load a checkpoint first.", error.Message);
        Assert.Empty(trainer.Checkpoints);
        Assert.Empty(trainer.ModelStates);
    }

    [Theory]
    [InlineData("training_state.json")]
    [InlineData("lora_weights/lora_1.pt")]
    [InlineData("optimizer_state/c.safetensors")]
    public async Task A_damaged_newest_checkpoint_is_set_aside_and_the_one_before_it_gives_the_same_bits(string file)
    {
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        var newest = (await trial.TrainUntilAsync(9)).Checkpoint!;
        trial.Damage(newest, file);

        var result = await trial.TrainAsync();

        Assert.Equal(2, trial.Notices.Count);
        Assert.StartsWith($"Checkpoint '{newest.Id}': {file} has the digest ", trial.Notices[0], StringComparison.Ordinal);
        Assert.EndsWith("It is set aside; trying the one before it.", trial.Notices[0], StringComparison.Ordinal);
        Assert.StartsWith("Going on from checkpoint 'trial_ep_8_", trial.Notices[1], StringComparison.Ordinal);
        Assert.Equal(expected, trial.Content(result.Checkpoint));
        Assert.True(Directory.Exists(trial.File(newest.Id)));
    }

    [Fact]
    public async Task Stopped_at_the_episode_of_a_damaged_checkpoint_a_whole_one_is_saved()
    {
        using var trial = new Trial();
        var damaged = (await trial.TrainUntilAsync(9)).Checkpoint!;
        trial.Damage(damaged, "training_state.json");
        var stopped = await trial.TrainUntilAsync(9);
        Assert.NotEqual(damaged.Id, stopped.Checkpoint!.Id);
        Assert.Equal(9, stopped.Checkpoint.Episode);
        trial.Notices.Clear();
        await trial.TrainAsync();
        Assert.Equal([$"Going on from checkpoint '{stopped.Checkpoint.Id}' at episode 9."], trial.Notices);
    }

    [Fact]
    public async Task A_checkpoint_whose_metadata_is_damaged_is_told_of()
    {
        using var trial = new Trial();
        var newest = (await trial.TrainUntilAsync(6)).Checkpoint!;
        await File.WriteAllTextAsync(trial.File(newest.Id, "metadata.json"), "{");
        var result = await trial.TrainAsync();
        Assert.Equal(TrainingOutcome.Finished, result.Outcome);
        Assert.StartsWith($"Checkpoint '{newest.Id}': metadata.json is not the metadata of a checkpoint", trial.Notices[0], StringComparison.Ordinal);
        Assert.StartsWith("Going on from checkpoint 'trial_ep_4_", trial.Notices[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_every_checkpoint_damaged_nothing_is_begun_over_them()
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(6);
        await using var trainer = await trial.OpenAsync();
        foreach (var checkpoint in trainer.Checkpoints)
            trial.Damage(checkpoint, "training_state.json");
        var before = Files(trial);
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => trainer.TrainAsync());
        Assert.Equal($"Every checkpoint in {trial.Folder} is damaged, so there is nothing to go on from. To start anew choose another directory with --set Checkpoints:Directory=…", error.Message);
        Assert.Equal(before, Files(trial));
    }

    [Fact]
    public async Task A_fresh_start_refuses_a_directory_that_holds_a_run()
    {
        using var trial = new Trial();
        var stopped = await trial.TrainUntilAsync(4, "Checkpoints:Resume=fresh");
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.TrainAsync("Checkpoints:Resume=fresh"));
        Assert.StartsWith($"{trial.Folder} already holds the run '{stopped.Checkpoint!.RunId}' (newest checkpoint '{stopped.Checkpoint.Id}').", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Training:RunName=other", "Training:RunName is 'other', but ")]
    [InlineData("Training:Threads=2", "Training:Threads is 2, but the run began with 1")]
    [InlineData("Models:1:Width=7", "Models:1:Width: 7 does not fit checkpoint '")]
    [InlineData("Models:1:Id=z", "Models: checkpoint '")]
    public async Task A_configuration_that_does_not_fit_the_run_is_refused(string setting, string beginning)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(4);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.TrainAsync(setting));
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_wrong_plugins_are_told_at_once()
    {
        using var trial = new Trial();
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.OpenAsync("Environment:Use=test-gam", "Models:0:Widht=3", "Models:2:Width=0"));
        Assert.Equal(3, error.Problems.Count);
        Assert.StartsWith("Environment:Use: there is no environment called 'test-gam'. Did you mean 'test-game'?", error.Problems[0], StringComparison.Ordinal);
        Assert.StartsWith("Models:0:Widht (from --set): no option of Models:0 is called 'Widht'. Did you mean 'Width'?", error.Problems[1], StringComparison.Ordinal);
        Assert.StartsWith("Models:2:Width (from --set): must be between 1 and 1000", error.Problems[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_is_asked_for_while_idle_is_taken_now()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        await Trial.TrainUntilAsync(trainer, 5);
        var manual = await trainer.SaveCheckpointAsync();
        Assert.Equal((5, false), (manual.Episode, manual.Final));
        Assert.Equal(["manual"], manual.Tags.ToArray());
        var final = await trainer.SaveCheckpointAsync(final: true);
        Assert.StartsWith("final_trial_ep_5_", final.Id, StringComparison.Ordinal);
        Assert.Equal(final.Id, trainer.Checkpoints[0].Id);
    }

    [Fact]
    public async Task A_checkpoint_that_is_asked_for_while_training_is_taken_at_the_next_boundary()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        var asked = new List<Task<CoreSrl.Abstractions.SavedCheckpoint>>();
        trainer.EpisodeCompleted += report =>
        {
            if (report.Progress.Episode is 4 or 6)
                asked.Add(trainer.SaveCheckpointAsync());
            if (report.Progress.Episode == 7)
                Assert.Throws<InvalidOperationException>(() => { _ = trainer.SaveCheckpointAsync(final: true); });
        };
        await trainer.TrainAsync();
        var saved = await Task.WhenAll(asked);
        Assert.Equal([4, 6], saved.Select(checkpoint => checkpoint.Episode));
        Assert.Equal("every 4 episodes, asked for", (string?)trial.Read(saved[0], "metadata.json")["reason"]);
        Assert.Equal(["manual"], saved[1].Tags.ToArray());
        Assert.Equal([10, 8, 6, 4], trainer.Checkpoints.Select(checkpoint => checkpoint.Episode));
    }

    [Fact]
    public async Task A_checkpoint_that_is_requested_is_taken_once_for_all_and_after_the_last_episode_not_at_all()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        Assert.Null(trainer.RequestCheckpoint());
        var asked = new List<Task<CoreSrl.Abstractions.SavedCheckpoint>>();
        trainer.EpisodeCompleted += report =>
        {
            if (report.Progress.Episode == 6)
                asked.AddRange([trainer.RequestCheckpoint()!, trainer.RequestCheckpoint()!]);
        };
        trainer.CheckpointSaved += saved =>
        {
            if (saved.Final)
                asked.Add(trainer.RequestCheckpoint()!);
        };
        Assert.Equal(TrainingOutcome.Finished, (await trainer.TrainAsync()).Outcome);
        Assert.Same(await asked[0], await asked[1]);
        Assert.Equal((6L, "manual"), ((await asked[0]).Episode, Assert.Single((await asked[0]).Tags)));
        await Assert.ThrowsAsync<TaskCanceledException>(() => asked[2]);
        Assert.Equal([10, 8, 6, 4], trainer.Checkpoints.Select(checkpoint => checkpoint.Episode));
        Assert.Null(trainer.RequestCheckpoint());
    }

    [Fact]
    public async Task An_unknown_checkpoint_cannot_be_loaded()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        await Trial.TrainUntilAsync(trainer, 4);
        var error = await Assert.ThrowsAsync<KeyNotFoundException>(() => trainer.LoadCheckpointAsync("trial_ep_4"));
        Assert.Contains("holds no checkpoint 'trial_ep_4'.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("integer", "10", null)]
    [InlineData("nan", "\"NaN\"", null)]
    [InlineData("object", """{"models":3}""", null)]
    [InlineData("text", "\"text\"", null)]
    [InlineData("throw", null, "Metadata contributor 'test-metadata' failed: InvalidOperationException: this contributor always fails")]
    [InlineData("taken", null, "Metadata contributor 'test-metadata' offers 'avg_reward', which is already taken.")]
    public async Task Whatever_a_contributor_offers_the_checkpoint_is_saved(string offer, string? stored, string? warning)
    {
        using var trial = new Trial();
        var result = await trial.TrainAsync("Checkpoints:Metadata:0:Use=test-metadata", $"Checkpoints:Metadata:0:Offer={offer}");
        var metadata = trial.Read(result.Checkpoint, "metadata.json");
        Assert.Equal(stored, metadata["global_metrics"]!["test_value"]?.ToJsonString());
        Assert.Equal(warning is null ? [] : [warning], metadata["warnings"]!.AsArray().Select(node => (string?)node));
        Assert.Equal(offer == "integer", result.Checkpoint!.Metrics.ContainsKey("test_value"));
        Assert.Equal(TrainingOutcome.AlreadyFinished, (await trial.TrainAsync()).Outcome);
    }

    private static string[] Files(Trial trial) =>
        [.. Directory.EnumerateFiles(trial.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(path => Path.GetFileName(path) != "claim.json")
            .Select(path => $"{path} {FileDigest.Of(File.ReadAllBytes(path).AsSpan())} {File.GetLastWriteTimeUtc(path):O}")];
}

using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

/// <summary>Going on from a chosen checkpoint instead of the newest.</summary>
public sealed class SelectiveRecoveryTests
{
    [Theory]
    [InlineData("Checkpoints:Resume=episode:4")]
    [InlineData("Checkpoints:Resume=best")]
    [InlineData("Checkpoints:Resume=best:avg_reward")]
    public async Task A_branch_from_an_older_checkpoint_ends_in_the_same_bits_as_a_run_that_never_went_past_it(string resume)
    {
        string[] tagged = ["Checkpoints:Policies:0:Use=test-tags", "Checkpoints:Policies:0:Episode=4"];
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync(tagged)).Checkpoint);
        using var trial = new Trial();
        var first = await trial.TrainAsync(tagged);
        var before = Directory.GetDirectories(trial.Folder, "*_ep_*");

        await using var trainer = await trial.OpenAsync([.. tagged, resume]);
        var branch = await trainer.TrainAsync();

        Assert.Equal((TrainingOutcome.Finished, 10), (branch.Outcome, branch.Episode));
        Assert.Equal(expected, trial.Content(branch.Checkpoint));
        Assert.NotEqual(first.Checkpoint!.Id, branch.Checkpoint!.Id);
        Assert.True(branch.Checkpoint.Timestamp > first.Checkpoint.Timestamp);
        Assert.All(before, folder => Assert.True(File.Exists(Path.Combine(folder, "metadata.json")), $"{folder} is gone"));
        var root = trainer.Checkpoints.Single(saved => saved.Episode == 4);
        var child = trainer.Checkpoints.First(saved => saved.Episode == 8);
        Assert.Equal(root.Id, (string?)trial.Read(child, "metadata.json")["parent"]);
        Assert.Equal(child.Id, (string?)trial.Read(branch.Checkpoint, "metadata.json")["parent"]);
        Assert.Equal(
            [
                $"Going on from checkpoint '{root.Id}' at episode 4.",
                $"2 newer checkpoints stay behind, the last of them '{first.Checkpoint.Id}' of episode 10; what is saved from here on is newer still.",
            ],
            trial.Notices);
    }

    [Fact]
    public async Task Auto_goes_on_from_the_branch_not_from_what_was_left_behind()
    {
        using var trial = new Trial();
        await trial.TrainAsync();
        var stopped = await trial.TrainUntilAsync(6, "Checkpoints:Resume=episode:4");
        trial.Notices.Clear();
        var end = await trial.TrainAsync();
        Assert.Equal(TrainingOutcome.Finished, end.Outcome);
        Assert.Equal([$"Going on from checkpoint '{stopped.Checkpoint!.Id}' at episode 6."], trial.Notices);
        Assert.Equal(TrainingOutcome.AlreadyFinished, (await trial.TrainAsync()).Outcome);
    }

    [Fact]
    public async Task Stopped_before_its_first_episode_a_branch_has_begun_all_the_same()
    {
        using var trial = new Trial();
        await trial.TrainAsync();
        await using (var trainer = await trial.OpenAsync("Checkpoints:Resume=episode:4"))
        {
            using var stop = new CancellationTokenSource();
            trainer.Notice += _ => stop.Cancel();
            Assert.Equal((TrainingOutcome.Interrupted, 4), ((await trainer.TrainAsync(stop.Token)) is var result ? result.Outcome : default, result.Checkpoint!.Episode));
        }

        trial.Notices.Clear();
        await trial.TrainAsync();
        Assert.EndsWith("at episode 4.", Assert.Single(trial.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_code_a_choice_is_loaded_and_trained_on()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        var first = (await trainer.TrainAsync()).Checkpoint;
        await trainer.LoadCheckpointAsync("episode:8");
        Assert.Equal(8, trainer.CurrentEpisode);
        Assert.Equal(trial.Content(first), trial.Content((await trainer.TrainAsync()).Checkpoint));
        Assert.StartsWith("A newer checkpoint stays behind, '", trial.Notices[^1], StringComparison.Ordinal);
        await trainer.LoadCheckpointAsync("final");
        Assert.Equal(10, trainer.CurrentEpisode);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => trainer.LoadCheckpointAsync("episode:7"));
    }

    [Fact]
    public async Task The_newest_chosen_by_name_is_no_branch()
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(6);
        await trial.TrainAsync("Checkpoints:Resume=latest");
        Assert.EndsWith("at episode 6.", Assert.Single(trial.Notices), StringComparison.Ordinal);
        Assert.Equal(TrainingOutcome.AlreadyFinished, (await trial.TrainAsync("Checkpoints:Resume=final")).Outcome);
    }

    [Theory]
    [InlineData("episode:5", "of episode 5. The nearest is of episode 4; there are 4, 8, 10.")]
    [InlineData("best", "tagged 'best'. None has a tag.")]
    [InlineData("atuo", "'atuo'. Did you mean 'auto'? Known: auto, best, best:METRIC, episode:N, final, final_trial_ep_10_1764000000, fresh, latest, trial_ep_4_1764000000, trial_ep_8_1764000000.")]
    public async Task What_is_not_there_is_an_error_that_says_what_is(string choice, string message)
    {
        using var trial = new Trial();
        await trial.TrainAsync();
        var before = Directory.GetFileSystemEntries(trial.Folder, "*", SearchOption.AllDirectories);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.TrainAsync($"Checkpoints:Resume={choice}", "Training:MaxEpisodes=20"));
        Assert.Equal($"Checkpoints:Resume: {trial.Folder} holds no checkpoint {message}", error.Message);
        Assert.Equal(before, Directory.GetFileSystemEntries(trial.Folder, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("latest", "lora_weights/lora_1.pt")]
    [InlineData("episode:8", "training_state.json")]
    [InlineData("episode:8", "metadata.json")]
    public async Task A_damaged_choice_is_an_error_and_no_fallback(string choice, string file)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(8);
        SavedCheckpoint chosen;
        await using (var trainer = await trial.OpenAsync())
            chosen = trainer.Checkpoints[0];
        trial.Damage(chosen, file);
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => trial.TrainAsync($"Checkpoints:Resume={choice}"));
        Assert.StartsWith($"Checkpoint '{chosen.Id}': {file} ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"It was chosen by Checkpoints:Resume={choice}; choose another, or auto for the newest whole one.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetDirectories(trial.Folder, "trial_ep_*").Length);
    }
}

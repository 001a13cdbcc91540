using CoreSrl.Configuration;

namespace CoreSrl.Tests.Training;

/// <summary>Policies that a configuration names, one within the other, and what a trainer tells them.</summary>
public sealed class PolicySelectionTests : IDisposable
{
    private readonly Trial _trial = new();

    public void Dispose() => _trial.Dispose();

    [Fact]
    public async Task Lists_of_policies_nest_and_are_recorded_with_their_defaults()
    {
        await using var trainer = await _trial.OpenAsync(
            "Checkpoints:SaveInterval=0",
            "Checkpoints:Policies:0:Use=any-of",
            "Checkpoints:Policies:0:Policies:0:Use=all-of",
            "Checkpoints:Policies:0:Policies:0:Policies:0:Use=interval",
            "Checkpoints:Policies:0:Policies:0:Policies:0:Episodes=2",
            "Checkpoints:Policies:0:Policies:0:Policies:1:Use=interval",
            "Checkpoints:Policies:0:Policies:0:Policies:1:Episodes=3",
            "Checkpoints:Policies:0:Policies:1:Use=at-episodes",
            "Checkpoints:Policies:0:Policies:1:Episodes:0=7");
        await trainer.TrainAsync();

        Assert.Equal([10, 7, 6], trainer.Checkpoints.Select(saved => saved.Episode));
        var metadata = _trial.Read(trainer.Checkpoints[2], "metadata.json");
        Assert.Equal("every 2 episodes and every 3 episodes", (string?)metadata["reason"]);
        Assert.Equal(
            """[{"use":"any-of","policies":[{"use":"all-of","policies":[{"use":"interval","episodes":2,"environment_steps":0},{"use":"interval","episodes":3,"environment_steps":0}]},{"use":"at-episodes","episodes":[7]}]}]""",
            metadata["config"]!["checkpoints"]!["policies"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_wrong_in_a_nested_list_is_told_at_once_with_its_full_path()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => _trial.OpenAsync(
            "Checkpoints:Policies:0:Use=any-of",
            "Checkpoints:Policies:0:Polices:0:Use=interval",
            "Checkpoints:Policies:0:Policies:0:Use=intervall",
            "Checkpoints:Policies:0:Policies:1:Use=every-seconds",
            "Checkpoints:Policies:0:Policies:1:Seconds=-1",
            "Checkpoints:Policies:0:Policies:2:Use=any-of",
            "Checkpoints:Policies:0:Policies:3:Use=all-of",
            "Checkpoints:Policies:0:Policies:3:Policies:0:Episodes=1"));
        string[] expected =
        [
            "Checkpoints:Policies:0:Policies:0:Use: there is no checkpoint policy called 'intervall'. Did you mean 'interval'?",
            "Checkpoints:Policies:0:Policies:1:Seconds (from --set): must be above 0 and at most 31536000, not -1.",
            "Checkpoints:Policies:0:Policies:2:Policies: a list [ { \"Use\": … } ] of at least one checkpoint policy is required.",
            "Checkpoints:Policies:0:Policies:3:Policies:0:Use: a plugin's name is required.",
            "Checkpoints:Policies:0:Polices (from --set): no option of Checkpoints:Policies:0 ('any-of') is called 'Polices'. Did you mean 'Policies'?",
        ];
        Assert.Equal(expected.Length, refused.Problems.Count);
        Assert.All(expected.Zip(refused.Problems), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_only_keeps_is_refused_within_all_of()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => _trial.OpenAsync(
            "Checkpoints:Policies:0:Use=all-of", "Checkpoints:Policies:0:Policies:0:Use=keep-last", "Checkpoints:Policies:0:Policies:0:Count=2"));
        Assert.StartsWith("Checkpoints:Policies:0: plugin 'all-of' could not be created: KeepLastPolicy only says what stays", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_without_an_end_names_none()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => _trial.OpenAsync("Checkpoints:Policies:0:Use=keep-under-bytes", "Checkpoints:Policies:0:Bytes=0"));
        Assert.Equal("Checkpoints:Policies:0:Bytes (from --set): must be at least 1, not 0.", refused.Message);
    }

    [Fact]
    public async Task The_time_for_which_saves_held_up_training_is_counted_and_survives_a_resume()
    {
        await using (var trainer = await OpenSlowAsync())
            await Trial.TrainUntilAsync(trainer, 6);
        await using var resumed = await OpenSlowAsync();
        await resumed.TrainAsync();
        Assert.Equal("10:6 8:3 6:3 4:0", string.Join(' ', resumed.Checkpoints.Select(saved => $"{saved.Episode}:{saved.HeldUp.TotalSeconds}")));
        Assert.All(resumed.Checkpoints, saved => Assert.Equal(0, saved.Elapsed.TotalSeconds)); // Only saving moves this clock.
    }

    [Fact]
    public async Task The_final_checkpoint_has_the_tags_of_the_policies_that_would_have_it()
    {
        var result = await _trial.TrainAsync("Checkpoints:Policies:0:Use=test-policy", "Checkpoints:Policies:0:Every=5");
        Assert.Equal(["kept"], result.Checkpoint!.Tags.ToArray());
        Assert.Equal("training is finished", (string?)_trial.Read(result.Checkpoint, "metadata.json")["reason"]);
    }

    /// <summary>A trainer that waits for each save, which takes three seconds.</summary>
    private async Task<CoreSrl.Training.MultiModelTrainer> OpenSlowAsync()
    {
        var trainer = await _trial.OpenAsync("Checkpoints:Asynchronous=false");
        trainer.CheckpointSaved += _ => _trial.Clock.Now += TimeSpan.FromSeconds(3);
        return trainer;
    }
}

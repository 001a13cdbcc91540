namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Default Behavior": a directory, an interval and a number to keep are all it takes.</summary>
public sealed class DefaultBehaviorTests
{
    [Fact]
    public async Task Checkpoints_are_saved_automatically_while_training_and_the_last_ten_stay()
    {
        using var run = new GuideRun(26, """ "Directory": "./checkpoints/multimodel", "SaveInterval": 2, "MaxCheckpoints": 10 """);
        await run.TrainAsync();
        Assert.Equal("6 8 10 12 14 16 18 20 22 24 26", run.Episodes);
        Assert.Equal([.. Enumerable.Repeat(false, 10), true], run.Checkpoints.Select(checkpoint => (bool)checkpoint["final"]!));
    }

    [Fact]
    public async Task Without_a_word_about_checkpoints_they_are_the_guides()
    {
        using var run = new GuideRun(101, "");
        await run.TrainAsync("Training:GamesPerEpisode=2", "Environment:Rounds=1", "Training:UpdateFrequency=50");
        Assert.Equal("100 101", run.Episodes);
        Assert.Matches("^multimodel_ep_100_[0-9]{10}$", (string)run.Checkpoints[0]["checkpoint_id"]!);
        Assert.Equal(100, (int)run.Checkpoints[0]["config"]!["checkpoints"]!["save_interval"]!);
        Assert.Equal(10, (int)run.Checkpoints[0]["config"]!["checkpoints"]!["max_checkpoints"]!);
    }
}

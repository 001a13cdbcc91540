namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Custom Checkpoint Directory": relative to where the command is run.</summary>
public sealed class CustomCheckpointDirectoryTests
{
    [Fact]
    public async Task Checkpoints_lie_in_the_directory_that_the_configuration_names_and_nowhere_else()
    {
        using var run = new GuideRun(2, """ "SaveInterval": 1, "Directory": "./my_training/checkpoints" """, "my_training/checkpoints");
        await run.TrainAsync();
        Assert.Equal("1 2", run.Episodes);
        Assert.Equal(["my_training", "run.json"], Directory.GetFileSystemEntries(run.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Single(Directory.GetDirectories(Path.Combine(run.Folder, "my_training/checkpoints"), "multimodel_ep_1_*"));
    }
}

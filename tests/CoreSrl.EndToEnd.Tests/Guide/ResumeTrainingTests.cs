using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Resume Training", and training again with another configuration.</summary>
public sealed class ResumeTrainingTests
{
    [Fact]
    public async Task A_finished_run_that_gets_more_episodes_ends_in_the_same_bits_as_one_that_had_them_from_the_start()
    {
        using var longer = new TemporaryFolder();
        using var extended = new TemporaryFolder();
        longer.Write("run.json", Configurations.Small);
        extended.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(longer.Path, "train", "run.json", "--set", "Training:MaxEpisodes=30")).Succeeded();
        (await Srl.RunAsync(extended.Path, "train", "run.json")).Succeeded();
        var again = (await Srl.RunAsync(extended.Path, "train", "run.json", "--set", "Training:MaxEpisodes=30")).Succeeded();

        var (expected, actual) = (new RunDirectory(longer.File("checkpoints/small")), new RunDirectory(extended.File("checkpoints/small")));
        RunDirectory.AssertSameTensors(expected.Checkpoints[^1], actual.Checkpoints[^1]);
        Assert.Contains("Changed since that checkpoint, and recorded: Training:MaxEpisodes 24 → 30.", again.Output, StringComparison.Ordinal);
        Assert.Equal(
            """[{"episode":24,"option":"Training:MaxEpisodes","from":24,"to":30}]""",
            RunDirectory.Metadata(actual.Checkpoints[^1])["config_changes"]!.ToJsonString());
        Assert.Equal(30, (int)RunDirectory.Metadata(actual.Checkpoints[^1])["config"]!["training"]!["max_episodes"]!);
    }

    [Fact]
    public async Task What_shapes_a_model_is_refused_option_by_option_and_whatever_else_changes_is_applied_and_recorded()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=2")).Succeeded();

        string[] shaping = ["HiddenSize=64", "Layers=1", "Heads=1", "HeadDim=8", "IntermediateSize=32", "BaseSeed=2", "LoraRank=4", "LoraAlpha=8", "TargetModules:0=q_proj", "LoraRankPattern:0=q_proj=2", "LoraAlphaPattern:0=q_proj=4", "LoraRankStabilized=true"];
        var refused = await Srl.RunAsync(folder.Path, ["train", "run.json", .. Settings("Models:1:", shaping)]);
        Assert.Equal(2, refused.ExitCode);
        Assert.All(shaping, option => Assert.Contains($"Models:1:{option.Split('=', ':')[0]}: ", refused.Error, StringComparison.Ordinal));

        string[] free = ["LearningRate=0.001", "WeightDecay=0.01", "Temperature=0.9", "LoraDropout=0.2", "MaxTokens=16", "ContextLength=512", "NormalizeChoiceLength=false", "MicroBatchSize=32", "TopK=50", "TopP=0.95", "MinP=0.01", "StopStrings:0=end"];
        (await Srl.RunAsync(folder.Path, ["train", "run.json", "--set", "Training:MaxEpisodes=4", .. Settings("Models:1:", free)])).Succeeded();
        var changes = RunDirectory.Metadata(new RunDirectory(folder.File("checkpoints/small")).Checkpoints[^1])["config_changes"]!.AsArray();
        Assert.Equal(
            free.Select(option => $"Models:1:{option.Split('=', ':')[0]}").Prepend("Training:MaxEpisodes").Order(StringComparer.Ordinal),
            changes.Select(change => (string)change!["option"]!).Order(StringComparer.Ordinal));

        static IEnumerable<string> Settings(string section, string[] options) => options.SelectMany(option => new[] { "--set", section + option });
    }

    [Theory]
    [InlineData("Training:Seed=8", "Training:Seed is 8, but the run began with 7")]
    [InlineData("Models:1:LoraRank=4", "Models:1:LoraRank: 4 does not fit checkpoint '")]
    [InlineData("Environment:Use=question-answer", "Environment:Use is 'question-answer', but the run uses 'coop-compete'")]
    public async Task What_the_run_rests_on_cannot_change_and_nothing_is_written(string setting, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small.Replace(", \"Rounds\": 2", "", StringComparison.Ordinal));
        (await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=2")).Succeeded();
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order();
        var result = await Srl.RunAsync(folder.Path, "train", "run.json", "--set", setting);
        Assert.True(result.ExitCode == 2, result.Error);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order());
    }
}

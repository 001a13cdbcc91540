using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>GRPO as a configuration has it: free answers of a pretrained model, several rewards, the divergence from its base, a schedule.</summary>
public sealed class GroupRelativeTests
{
    [Fact]
    public async Task A_run_that_was_killed_ends_in_the_same_bits_and_tells_how_learning_went()
    {
        using var undisturbed = new TemporaryFolder();
        using var disturbed = new TemporaryFolder();
        foreach (var folder in new[] { undisturbed, disturbed })
            Write(folder);
        string[] train = ["train", "run.json"];
        var whole = (await Srl.RunAsync(undisturbed.Path, train)).Succeeded();
        Assert.Matches(@"episode +12/12  model_0_qwen3 +-?\d\.\d{3}  spread \d\.\d{3}  entropy \d\.\d{3}  KL \d\.\d{4}  clipped \d+ ?%  length \d\.\d  gradient \d+\.\d{3}  ", whole.Output);

        using (var process = Srl.Start(disturbed.Path, train))
        {
            await process.WaitForAsync("saved ");
            process.Kill();
            await process.WaitAsync();
        }

        (await Srl.RunAsync(disturbed.Path, train)).Succeeded();
        var directory = new RunDirectory(disturbed.File("checkpoints/quiz"));
        RunDirectory.AssertSameRun(new(undisturbed.File("checkpoints/quiz")), directory);

        var metrics = RunDirectory.Metadata(directory.Checkpoints[^1])["global_metrics"]!;
        Assert.All(["reward_std", "kl", "entropy", "gradient_norm", "response_length"], name => Assert.True((double)metrics[name]! > 0, $"{name} is {metrics[name]}"));
        // One of 12 episodes of half a cosine behind 2 of warm-up.
        Assert.Equal(0.01 * (1 + Math.Cos(Math.PI * 9 / 10)) / 2, (double)metrics["learning_rate"]!, 12);
        Assert.Equal(
            ["info/reward/exact-match", "info/reward/length-penalty", "info/reward/number-match", "info/reward/regex"],
            metrics.AsObject().Select(metric => metric.Key).Where(key => key.StartsWith("info/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_with_the_rewards_is_told_all_at_once_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var result = await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Environment:Rewards:0:Name=exact", "--set", "Environment:Rewards:1:Pattern=(");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the reward 0 (exact): Name: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("the reward 1 (regex): Pattern: Invalid pattern", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("checkpoints")));
    }

    private static void Write(TemporaryFolder folder)
    {
        folder.Write("questions.jsonl", """
            {"prompt": "one and one is", "answer": "2"}
            {"prompt": "two and two is", "answer": "4"}
            {"prompt": "the red light says", "answer": "stop"}
            """);
        folder.Write("run.json", $$"""
            {
              "Training": {
                "RunName": "quiz", "MaxEpisodes": 12, "GamesPerEpisode": 8, "GroupSize": 4, "LearningRate": 0.01, "LearningRateSchedule": "cosine", "WarmupEpisodes": 2,
                "KlCoefficient": 0.04, "ClipRangeHigh": 0.28, "LossAggregation": "action", "ScaleAdvantages": false
              },
              "Environment": {
                "Use": "question-answer", "File": "questions.jsonl", "QuestionsPerGame": 1,
                "Rewards": [
                  { "Name": "number-match" }, { "Name": "regex", "Pattern": "[aeiou]", "Weight": 0.5 }, { "Name": "exact-match", "Weight": 2 },
                  { "Name": "length-penalty", "MaxLength": 24, "Weight": 0.3 }
                ]
              },
              "Models": [
                {
                  "Id": "model_0_qwen3", "Use": "torch-lora", "Path": "{{Path.Combine(AppContext.BaseDirectory, "TinyModels", "qwen3-tiny").Replace("\\", "\\\\", StringComparison.Ordinal)}}",
                  "MaxTokens": 8, "GradientCheckpointing": true, "LoraDropout": 0.1
                }
              ],
              "Checkpoints": { "Directory": "checkpoints/quiz", "SaveInterval": 3, "MaxCheckpoints": -1 }
            }
            """);
    }
}

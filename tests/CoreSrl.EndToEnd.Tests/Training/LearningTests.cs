using System.Globalization;
using CoreSrl.EndToEnd.Tests.Processes;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>
/// Models learn: over five seeds, each model's mean reward over the last fifth of the episodes beats the first fifth by a margin;
/// with learning rate 0 it does not.
/// </summary>
public sealed class LearningTests(ITestOutputHelper output)
{
    /// <summary>In units of reward per game of four rounds: full cooperation pays 3.86, defecting alone 4, all defecting 0. Measured
    /// over the seeds below: at least +0.42 with learning, at most +0.10 without.</summary>
    private const double GameMargin = 0.25;

    /// <summary>In right answers per game of two questions; guessing gives 0.8. Measured over the seeds below: at least +0.59 with
    /// learning, at most +0.23 without.</summary>
    private const double QuestionMargin = 0.4;

    private const string Game = """
        {
          "Training": { "MaxEpisodes": 60, "Mode": "cooperative", "CooperationStrength": 1.0, "LearningRate": 0.0003 },
          "Environment": { "Use": "coop-compete", "CooperationLevel": 0.9 },
          "Models": [ { "Id": "a", "Use": "torch-lora" }, { "Id": "b", "Use": "torch-lora" }, { "Id": "c", "Use": "torch-lora" } ],
          "Checkpoints": { "Directory": "run", "SaveInterval": 12, "MaxCheckpoints": -1 }
        }
        """;

    private const string Questions = """
        {
          "Training": { "MaxEpisodes": 120, "GamesPerEpisode": 16, "GroupSize": 4, "LearningRate": 0.001 },
          "Environment": { "Use": "question-answer" },
          "Models": [ { "Id": "a", "Use": "torch-lora" }, { "Id": "b", "Use": "torch-lora" } ],
          "Checkpoints": { "Directory": "run", "SaveInterval": 24, "MaxCheckpoints": -1 }
        }
        """;

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cooperating_models_learn_to_cooperate(ulong seed) => Assert.All(await ImprovementAsync(Game, seed), improvement => Assert.True(improvement > GameMargin));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cooperating_models_that_do_not_learn_do_not_improve(ulong seed) => Assert.All(await ImprovementAsync(Game, seed, "0"), improvement => Assert.True(improvement < GameMargin));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Models_learn_to_answer_questions(ulong seed) => Assert.All(await ImprovementAsync(Questions, seed), improvement => Assert.True(improvement > QuestionMargin));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Models_that_do_not_learn_answer_no_better(ulong seed) => Assert.All(await ImprovementAsync(Questions, seed, "0"), improvement => Assert.True(improvement < QuestionMargin));

    /// <summary>For each model the mean reward over the last fifth less that over the first, from what the checkpoints recorded.</summary>
    private async Task<List<double>> ImprovementAsync(string configuration, ulong seed, string? learningRate = null)
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", configuration);
        string[] rate = learningRate is null ? [] : ["--set", $"Training:LearningRate={learningRate}"];
        (await Srl.RunAsync(folder.Path, ["train", "run.json", "--set", $"Training:Seed={seed}", .. rate])).Succeeded();
        var checkpoints = new RunDirectory(folder.File("run")).Checkpoints;
        var fifth = RunDirectory.Episode(checkpoints[0]);
        Assert.Equal([fifth, 2 * fifth, 3 * fifth, 4 * fifth, 5 * fifth], checkpoints.Select(RunDirectory.Episode));
        var improvements = RunDirectory.Metadata(checkpoints[^1])["model_states"]!.AsObject().Select(model =>
        {
            double Total(int checkpoint) => (double)RunDirectory.Metadata(checkpoints[checkpoint])["model_states"]![model.Key]!["total_reward"]!;
            var (first, last) = (Total(0) / fifth, (Total(4) - Total(3)) / fifth);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, model {model.Key}: {first:F3} -> {last:F3}"));
            return last - first;
        }).ToList();
        return improvements;
    }
}

using CoreSrl.Abstractions;
using CoreSrl.Plugins.CustomMetrics;
using CoreSrl.Tests.Training;

namespace CoreSrl.Tests.CustomMetrics;

/// <summary>The contributor as the trainer calls it.</summary>
public sealed class CustomMetricsContributorTests
{
    private static readonly string[] Selected = ["Checkpoints:Metadata:0:Use=custom-metrics", "Checkpoints:Metadata:0:Window=3"];

    private readonly CustomMetricsContributor _contributor = new(new() { Window = 4 });

    [Fact]
    public void What_is_not_defined_yet_is_left_out()
    {
        Assert.Empty(Contribute(1, 0.5));
        Assert.Equal(["training_efficiency", "training_efficiency_per_step"], Contribute(2, 1).Keys);
        Assert.Equal(["convergence_rate", "convergence_rate_error", "training_efficiency", "training_efficiency_per_step"], Contribute(3, 1.5).Keys);
    }

    [Fact]
    public void Efficiency_is_the_gain_by_the_seconds_and_by_the_steps()
    {
        Contribute(1, 1);
        var values = Contribute(2, 3, steps: 8, seconds: 0.5);
        Assert.Equal((4, 0.25), (values["training_efficiency"], values["training_efficiency_per_step"]));
    }

    [Fact]
    public void The_reward_of_an_episode_is_the_mean_over_the_models()
    {
        for (var episode = 1; episode <= 3; episode++)
            Contribute(episode, episode, 3 * episode);
        Assert.Equal(2, Contribute(4, 4, 12)["convergence_rate"], 12);
    }

    [Fact]
    public void Diversity_is_that_of_the_last_episode_alone()
    {
        Assert.Equal(1, Contribute(1, [("C", 3)], [("D", 3)])["diversity_score"]);
        Assert.Equal(0, Contribute(2, [("C", 3)], [("C", 1)])["diversity_score"]);
    }

    [Fact]
    public void A_run_whose_beginning_was_not_seen_has_no_efficiency()
    {
        Contribute(101, 1);
        Contribute(102, 2);
        Assert.Equal(["convergence_rate", "convergence_rate_error"], Contribute(103, 3).Keys);
    }

    [Fact]
    public void Time_that_stands_still_and_a_reward_that_is_no_number_make_no_value()
    {
        Contribute(1, 1, seconds: 0);
        Assert.Equal(["training_efficiency_per_step"], Contribute(2, 2, seconds: 0).Keys);
        var remembered = _contributor.CaptureState()!.ToJsonString();
        Assert.Empty(Contribute(3, double.NaN));
        Assert.Equal(remembered, _contributor.CaptureState()!.ToJsonString());
        Assert.Empty(new CustomMetricsContributor(new()).Contribute(new(new() { Episode = 1, MaxEpisodes = 9 }, [])));
    }

    [Fact]
    public async Task Stopped_at_any_episode_and_resumed_a_run_reports_the_same_bits()
    {
        using var whole = new Trial();
        var end = (await whole.TrainAsync(Selected)).Checkpoint;
        var metrics = whole.Read(end, "metadata.json")["global_metrics"]!.AsObject();
        Assert.All(["convergence_rate", "convergence_rate_error", "diversity_score", "training_efficiency_per_step"], name => Assert.NotNull(metrics[name]));
        for (var episode = 1; episode < 10; episode += 2)
        {
            using var stopped = new Trial();
            await stopped.TrainUntilAsync(episode, Selected);
            Assert.Equal(whole.Content(end), stopped.Content((await stopped.TrainAsync(Selected)).Checkpoint));
        }
    }

    [Fact]
    public async Task It_can_be_added_to_a_run_that_has_begun_and_taken_away_again()
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(3);
        await trial.TrainUntilAsync(7, Selected);
        var added = await trial.TrainUntilAsync(8, Selected);
        var metrics = trial.Read(added.Checkpoint, "metadata.json")["global_metrics"]!.AsObject();
        Assert.True(metrics.ContainsKey("convergence_rate"));
        Assert.False(metrics.ContainsKey("training_efficiency_per_step"));
        Assert.False(trial.Read((await trial.TrainAsync()).Checkpoint, "metadata.json")["global_metrics"]!.AsObject().ContainsKey("convergence_rate"));
    }

    private Dictionary<string, double> Contribute(long episode, double reward, double? another = null, long steps = 100, double seconds = 10) =>
        Values(new(Progress(episode, steps, seconds), Models(another is { } second ? [reward, second] : [reward])));

    private Dictionary<string, double> Contribute(long episode, params (string Answer, long Times)[][] play) =>
        Values(new(Progress(episode, 100, 10), Models([.. play.Select(_ => 0.0)]))
        {
            Answers = [.. play.Select(answers => answers.ToDictionary(pair => pair.Answer, pair => pair.Times))],
        });

    private Dictionary<string, double> Values(EpisodeSummary episode) =>
        _contributor.Contribute(episode).ToDictionary(value => value.Key, value => (double)value.Value!);

    private static TrainingProgress Progress(long episode, long steps, double seconds) =>
        new() { Episode = episode, MaxEpisodes = 1000, EnvironmentSteps = steps, Elapsed = TimeSpan.FromSeconds(seconds) };

    private static ModelState[] Models(double[] rewards) => [.. rewards.Select((reward, index) => new ModelState { ModelId = $"m{index}", LastReward = reward })];
}

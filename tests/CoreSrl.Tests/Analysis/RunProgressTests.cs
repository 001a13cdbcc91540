using CoreSrl.Abstractions;
using CoreSrl.Analysis;

namespace CoreSrl.Tests.Analysis;

/// <summary>Which curves and marks a chart of a run's progress has.</summary>
public sealed class RunProgressTests
{
    [Fact]
    public void There_is_a_curve_for_each_model_and_one_for_all()
    {
        var progress = RunProgress.Of([At(20, 3, [1, 5]), At(10, 2, [1, 3])]);
        Assert.Equal(["m0: 10 1, 20 1", "m1: 10 3, 20 5", ": 10 2, 20 3"], progress.Curves.Select(Text));
    }

    [Fact]
    public void A_model_alone_has_one_curve() =>
        Assert.Equal(["m0: 10 3"], RunProgress.Of([At(10, 3, [3])]).Curves.Select(Text));

    [Fact]
    public void A_metric_of_the_run_has_one_curve() =>
        Assert.Equal([": 10 0.5, 20 0.25"], RunProgress.Of([At(20, 1, [1, 1], loss: 0.25), At(15, 1, [1, 1]), At(10, 1, [1, 1], loss: 0.5)], "loss").Curves.Select(Text));

    [Fact]
    public void A_metric_that_no_checkpoint_has_is_told_with_the_nearest()
    {
        var error = Assert.Throws<KeyNotFoundException>(() => RunProgress.Of([At(10, 1, [1])], "avg_rewrd"));
        Assert.Equal("No checkpoint of the run 'run' has a metric 'avg_rewrd'. Did you mean 'avg_reward'? Known: avg_reward, avg_reward/m0.", error.Message);
    }

    [Fact]
    public void Checkpoints_of_earlier_runs_are_left_out_and_of_one_episode_the_newest_counts() =>
        Assert.Equal([": 10 3, 20 5"], RunProgress.Of([At(10, 3), At(20, 5), At(10, 1), At(30, 9) with { RunId = "earlier" }]).Curves.Select(Text));

    [Fact]
    public void The_best_is_what_a_policy_tagged_so_and_else_what_earned_most()
    {
        SavedCheckpoint[] saved = [At(40, 1, final: true), At(30, 2, tags: "best"), At(20, 3, tags: "best:loss"), At(15, 5), At(10, 4, loss: 1, tags: "best")];
        Assert.Equal((30, 40), (RunProgress.Of(saved).Best!.Episode, RunProgress.Of(saved).Final!.Episode));
        Assert.Equal(20, RunProgress.Of(saved, "loss").Best!.Episode);
        Assert.Equal(15, RunProgress.Of([.. saved.Select(checkpoint => checkpoint with { Tags = [] })]).Best!.Episode);
    }

    [Fact]
    public void A_run_that_knows_no_reward_and_is_not_finished_has_no_marks()
    {
        var progress = RunProgress.Of([At(10, 0, loss: 1) with { Metrics = new Dictionary<string, double> { ["loss"] = 1 } }], "loss");
        Assert.Null(progress.Best);
        Assert.Null(progress.Final);
    }

    [Fact]
    public void Without_a_checkpoint_there_is_nothing_to_show() => Assert.Throws<ArgumentException>(() => RunProgress.Of([]));

    private static string Text(MetricCurve curve) => $"{curve.Name}: {string.Join(", ", curve.Points.Select(point => $"{point.Checkpoint.Episode} {point.Value}"))}";

    private static SavedCheckpoint At(
        long episode, double reward, double[]? models = null, double? loss = null, bool final = false, params string[] tags)
    {
        var metrics = new Dictionary<string, double> { ["avg_reward"] = reward };
        foreach (var (index, model) in (models ?? []).Index())
            metrics[$"avg_reward/m{index}"] = model;
        if (loss is { } value)
            metrics["loss"] = value;
        return new() { Id = $"c{episode}", RunId = "run", Episode = episode, Timestamp = default, Final = final, Tags = [.. tags], Metrics = metrics };
    }
}

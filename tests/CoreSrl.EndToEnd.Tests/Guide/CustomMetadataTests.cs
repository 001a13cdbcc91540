using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Custom Metadata: what it computes by overriding a method is here a plugin that the configuration names.</summary>
[Collection(AFinishedRun.Name)]
public sealed class CustomMetadataTests(FinishedRun run)
{
    private const int Window = 6;

    [Fact]
    public void The_convergence_rate_is_the_slope_through_the_rewards_of_the_latest_checkpoints()
    {
        for (var last = Window; last <= run.Checkpoints.Count; last += Window)
        {
            var metrics = Metrics(run.Checkpoints[last - 1]);
            var rewards = run.Checkpoints.Take(last).TakeLast(Window).Select(checkpoint => (double)Metrics(checkpoint)["episode_reward"]!).ToList();

            // The textbook's other form: (n Σxy − Σx Σy) / (n Σx² − (Σx)²), and the error from what is left over.
            var xs = Enumerable.Range(1, Window).Select(x => (double)x).ToList();
            var (sx, sy) = (xs.Sum(), rewards.Sum());
            var sxx = (Window * xs.Sum(x => x * x)) - (sx * sx);
            var slope = ((Window * xs.Zip(rewards, (x, y) => x * y).Sum()) - (sx * sy)) / sxx;
            var left = xs.Zip(rewards, (x, y) => y - (sy / Window) - (slope * (x - (sx / Window)))).Sum(r => r * r);
            Assert.Equal(slope, (double)metrics["convergence_rate"]!, 1e-9);
            Assert.Equal(Math.Sqrt(Window * left / (Window - 2) / sxx), (double)metrics["convergence_rate_error"]!, 1e-9);
        }
    }

    [Fact]
    public void The_efficiency_is_the_gain_by_the_seconds_and_by_the_steps()
    {
        var final = Metrics(run.Checkpoints[^1]);
        var rewards = run.Checkpoints.Select(checkpoint => (double)Metrics(checkpoint)["episode_reward"]!).ToList();
        var gain = rewards.TakeLast(Window).Average() - rewards.Take(Window).Average();
        Assert.Equal(gain / (double)final["environment_steps"]!, (double)final["training_efficiency_per_step"]!, 1e-12);
        Assert.Equal(gain / (double)final["elapsed_seconds"]!, (double)final["training_efficiency"]!, 1e-6);
    }

    [Fact]
    public void The_diversity_score_lies_between_0_and_1() =>
        Assert.True(run.Checkpoints.Select(checkpoint => (double)Metrics(checkpoint)["diversity_score"]!).All(score => score is >= 0 and <= 1));

    [Fact]
    public void What_is_not_defined_yet_is_left_out()
    {
        Assert.False(Metrics(run.Checkpoints[1]).ContainsKey("convergence_rate"));
        Assert.True(Metrics(run.Checkpoints[2]).ContainsKey("convergence_rate"));
        Assert.False(Metrics(run.Checkpoints[0]).ContainsKey("training_efficiency"));
    }

    [Fact]
    public async Task Killed_and_resumed_a_run_reports_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", FinishedRun.Configuration);
        using (var killed = Srl.Start(folder.Path, "train", "run.json"))
        {
            await killed.WaitForAsync("saved arena_ep_9_");
            killed.Kill();
            await killed.WaitAsync();
        }

        (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();

        Assert.Equal(WithoutTimes(run.Checkpoints[^1]), WithoutTimes(new RunDirectory(folder.File("checkpoints")).Checkpoints[^1]));
    }

    private static JsonObject Metrics(string checkpoint) => RunDirectory.Metadata(checkpoint)["global_metrics"]!.AsObject();

    private static string WithoutTimes(string checkpoint)
    {
        var metrics = Metrics(checkpoint);
        foreach (var time in new[] { "elapsed_seconds", "environment_steps_per_second", "training_efficiency" })
            Assert.True(metrics.Remove(time));
        return metrics.ToJsonString();
    }
}

using System.Text.Json.Nodes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Conditional Checkpointing": several conditions in one run that ends, goes on in another process, and forgets the rest.</summary>
public sealed class ConditionalCheckpointingTests
{
    [Fact]
    public async Task The_best_are_tagged_across_processes_and_kept_and_a_metric_that_does_not_exist_is_told()
    {
        using var run = new GuideRun(8, """
            "SaveInterval": 1, "MaxCheckpoints": -1,
            "Policies": [
              { "Use": "conditional-best", "Metric": "episode_reward", "Keep": 2 },
              { "Use": "conditional-best", "Metric": "entropy", "Mode": "min" },
              { "Use": "conditional-best", "Metric": "avg_rewrd" }
            ]
            """);

        // Every episode is saved, so that every value is known; tagged are those that were better than all before.
        var first = await run.TrainAsync();
        var told = "Policy 'conditional-best' finds no number called 'avg_rewrd' at episode 1, and saves nothing until there is one. Known: avg_reward, avg_reward/one,";
        Assert.Equal(2, first.Output.Split(told).Length);
        await run.TrainAsync("Training:MaxEpisodes=16");
        var all = run.Checkpoints;
        Assert.Equal(16, all.Count);
        var rewards = Records(all, "episode_reward", (value, best) => value > best);
        var entropies = Records(all, "entropy", (value, best) => value < best);
        Assert.Equal(rewards, Tagged(all, "best:episode_reward"));
        Assert.Equal(entropies, Tagged(all, "best:entropy"));
        Assert.Equal(rewards.Union(entropies).Order(), Tagged(all, "best"));

        // Then only what the policies keep is kept: the best two, the best one, the newest and the final ones.
        await run.TrainAsync("Training:MaxEpisodes=17", "Checkpoints:MaxCheckpoints=1");
        var left = run.Checkpoints;
        var expected = Tagged(left, "best:episode_reward").TakeLast(2).Union(Tagged(left, "best:entropy").TakeLast(1)).Union([8, 15, 16, 17]).Order();
        Assert.Equal(expected, left.Select(Episode));
        Assert.Equal(rewards.TakeLast(1), Tagged(left.Where(checkpoint => Episode(checkpoint) <= 16), "best:episode_reward").TakeLast(1));
    }

    [Fact]
    public async Task Only_an_improvement_is_saved_when_nothing_else_asks_for_it()
    {
        using var run = new GuideRun(9, """
            "SaveInterval": 0, "MaxCheckpoints": -1,
            "Policies": [ { "Use": "conditional-best", "Metric": "environment_steps", "MinImprovement": 9, "Keep": 1 } ]
            """);
        await run.TrainAsync();
        Assert.Equal("1 4 7 9", run.Episodes); // Four steps an episode: after three more, at least nine.
        Assert.Equal("best environment_steps: 16, before 4", (string?)run.Checkpoints[1]["reason"]);
    }

    private static long Episode(JsonObject checkpoint) => (long)checkpoint["episode"]!;

    private static IEnumerable<long> Tagged(IEnumerable<JsonObject> checkpoints, string tag) =>
        checkpoints.Where(checkpoint => checkpoint["tags"]!.AsArray().Any(word => (string?)word == tag)).Select(Episode);

    /// <summary>The episodes whose value was better than that of every one before; before the first update there is no entropy.</summary>
    private static List<long> Records(IReadOnlyList<JsonObject> checkpoints, string metric, Func<double, double, bool> isBetter)
    {
        var records = new List<long>();
        double? best = null;
        foreach (var checkpoint in checkpoints)
        {
            if ((double?)checkpoint["global_metrics"]![metric] is not { } value || (best is { } before && !isBetter(value, before)))
                continue;
            best = value;
            records.Add(Episode(checkpoint));
        }

        return records;
    }
}

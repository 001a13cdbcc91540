using CoreSrl.EndToEnd.Tests.BadInput;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Model Comparison: the models of a checkpoint beside one another.</summary>
[Collection(AFinishedRun.Name)]
public sealed class ModelComparisonTests(FinishedRun run)
{
    [Fact]
    public async Task A_checkpoints_models_have_the_guides_own_statistics()
    {
        var latest = run.Checkpoints[^1];

        var compared = Assert.Single((await run.ReadAsync("compare", Path.GetFileName(latest), "--dir", "checkpoints", "--json")).AsArray())!;

        var states = RunDirectory.Metadata(latest)["model_states"]!.AsObject();
        Assert.Equal(["red", "green", "blue"], compared["models"]!.AsObject().Select(model => model.Key));
        foreach (var (id, state) in states)
        {
            var model = compared["models"]![id]!;
            var episodes = Math.Max(1, (long)state!["episode_count"]!);
            Assert.Equal((double)state["total_reward"]! / episodes, (double)model["avg_reward"]!, 1e-12);
            Assert.Equal((long)state["win_count"]! / (double)episodes, (double)model["win_rate"]!, 1e-12);
            Assert.Equal((long)state["update_count"]!, (long)model["update_count"]!);
            Assert.Equal((double)state["cooperation_score"]!, (double)model["cooperation_score"]!);
            Assert.Null(model["change"]);
        }
    }

    [Fact]
    public async Task Named_checkpoints_are_compared_in_the_order_of_their_names_each_once()
    {
        var (first, last) = (Path.GetFileName(run.Checkpoints[0]), Path.GetFileName(run.Checkpoints[^1]));

        var compared = (await run.ReadAsync("compare", last, first, last, "--config", "run.json", "--json")).AsArray();

        Assert.Equal([last, first], compared.Select(entry => (string?)entry!["id"]));
        Assert.Equal(
            (double)compared[1]!["models"]!["green"]!["avg_reward"]! - (double)compared[0]!["models"]!["green"]!["avg_reward"]!,
            (double)compared[1]!["models"]!["green"]!["change"]!,
            1e-12);
    }

    [Fact]
    public async Task There_is_a_table_for_each_model_and_one_for_all()
    {
        var said = await run.SayAsync("compare", "--dir", "checkpoints", "--last", "2");

        var headings = said.Split('\n').Where(line => line is "red" or "green" or "blue" or "All models");
        Assert.Equal(["red", "green", "blue", "All models"], headings);
        Assert.Equal(8, said.Split('\n').Count(line => line.Contains("arena_ep_", StringComparison.Ordinal)));
        Assert.Contains("Reward   Change", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_checkpoint_suggests_the_nearest()
    {
        var latest = Path.GetFileName(run.Checkpoints[^1]);
        var result = await Srl.RunAsync(run.Folder, "compare", latest.Replace("final", "finl", StringComparison.Ordinal), "--dir", "checkpoints");
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains($"Did you mean '{latest}'?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public Task Checkpoints_are_named_or_counted() => Refusal.CheckInAsync(run.Folder, "compare some_id --dir checkpoints --last 2");

    [Fact]
    public Task No_checkpoint_at_all_cannot_be_compared() => Refusal.CheckInAsync(run.Folder, "compare --dir checkpoints --last 0");
}

using System.Text.Json;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Plugins from a directory that the configuration names do their work.</summary>
public class LoadedPluginTests
{
    [Fact]
    public async Task A_policys_options_are_bound_and_its_reason_and_tag_are_recorded()
    {
        using var run = new PluginRun(policies: """[ { "Use": "milestone", "Episodes": [ 1, 3 ], "Tag": "round" } ]""");

        var result = (await run.TrainAsync()).Succeeded();

        var checkpoints = await run.CheckpointsAsync();
        Assert.Equal([4, 3, 1], checkpoints.Select(checkpoint => (int)checkpoint["episode"]!));
        Assert.Equal(["[]", "[\"round\"]", "[\"round\"]"], checkpoints.Select(checkpoint => checkpoint["tags"]!.ToJsonString()));
        Assert.Equal("episode 3 is a milestone", (string?)checkpoints[1]["reason"]);
        Assert.Contains("Milestone: episode 3", result.Output, StringComparison.Ordinal); // Through ILogger<T>.
    }

    [Fact]
    public async Task What_a_policy_keeps_outlives_the_number_of_checkpoints_to_keep()
    {
        using var run = new PluginRun(policies: """[ { "Use": "milestone", "Episodes": [ 1 ] } ]""");

        (await run.TrainAsync("Checkpoints:SaveInterval=1", "Checkpoints:MaxCheckpoints=1")).Succeeded();

        Assert.Equal([4, 3, 1], (await run.CheckpointsAsync()).Select(checkpoint => (int)checkpoint["episode"]!));
    }

    [Fact]
    public async Task Contributors_values_are_recorded_and_their_services_are_injected()
    {
        using var run = new PluginRun(metadata: """[ { "Use": "clock" }, { "Use": "greeting" } ]""");
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        (await run.TrainAsync()).Succeeded();

        var metrics = (await run.CheckpointsAsync())[0]["global_metrics"]!;
        Assert.InRange((double)metrics["unix_seconds"]!, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.Equal("hello from a module", (string?)metrics["greeting"]);
    }

    [Fact]
    public async Task A_contributors_whole_number_is_a_number()
    {
        using var run = new PluginRun(metadata: """[ { "Use": "clock", "WholeSeconds": true } ]""");

        (await run.TrainAsync()).Succeeded();

        Assert.Equal(JsonValueKind.Number, (await run.CheckpointsAsync())[0]["global_metrics"]!["unix_seconds"]!.GetValueKind());
    }

    [Fact]
    public async Task The_plugins_of_a_checkpoint_are_recorded_with_their_versions()
    {
        using var run = new PluginRun(metadata: """[ { "Use": "clock" } ]""");

        (await run.TrainAsync()).Succeeded();

        var plugins = (await run.CheckpointsAsync())[0]["plugins"]!.AsArray();
        Assert.Equal(["clock", "local", "torch-lora", "coop-compete"], plugins.Select(plugin => (string?)plugin!["name"]));
        Assert.All(plugins, plugin => Assert.Equal("0.1.0.0", (string?)plugin!["version"]));
    }

    [Fact]
    public async Task What_plugins_remember_survives_a_killed_process()
    {
        using var run = new PluginRun("counting", metadata: """[ { "Use": "episode-counter" } ]""");
        using (var killed = run.Start("Training:MaxEpisodes=1000000", "Checkpoints:SaveInterval=2"))
        {
            await killed.WaitForAsync("saved run_ep_4_");
            killed.Kill();
            await killed.WaitAsync();
        }

        var end = (int)(await run.CheckpointsAsync())[0]["episode"]! + 3;
        (await run.TrainAsync($"Training:MaxEpisodes={end}")).Succeeded();

        var final = (await run.CheckpointsAsync())[0];
        Assert.Equal(end, (int)final["global_metrics"]!["episodes_seen"]!);
        Assert.Equal(end * (end + 1) / 2, (double)final["model_states"]!["one"]!["total_reward"]!); // 1 + 2 + … + end.
    }
}

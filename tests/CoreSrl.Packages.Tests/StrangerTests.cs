using Xunit.Abstractions;

namespace CoreSrl.Packages.Tests;

/// <summary>
/// What somebody does who has the packages and has never seen the repository: makes a plugin from the template, and runs the commands of
/// the README that comes with it. In the end its effect is in a checkpoint.
/// </summary>
[Collection(Feed.Name)]
public sealed class StrangerTests(Strangers strangers, ITestOutputHelper output) : IClassFixture<Strangers>
{
    [Fact]
    public async Task A_policy_tags_what_it_saves()
    {
        var plugin = await MadeAsync("policy");
        Assert.Contains(await plugin.CheckpointsAsync(), checkpoint => checkpoint["tags"]!.AsArray().Any(tag => (string)tag! == "policy-one"));

        // The other way to install it, and what the tool says of it.
        await plugin.RunAsync("dotnet pack src/Acme.Srl.PolicyOne -o packages");
        await plugin.RunAsync("srl plugins add packages/Acme.Srl.PolicyOne.0.1.0.nupkg --to plugins --replace");
        Assert.Contains("policy-one", await plugin.RunAsync("srl plugins verify policy-one --config run.json"), StringComparison.Ordinal);
        await plugin.RunAsync("srl plugins lock run.json");
        await plugin.RunAsync("srl train --config run.json --fresh --dir again --set Training:MaxEpisodes=5");
    }

    [Fact]
    public async Task A_contributors_values_are_among_the_metrics()
    {
        var plugin = await MadeAsync("metadata");
        Assert.All(await plugin.CheckpointsAsync(), checkpoint =>
        {
            Assert.True((double)checkpoint["global_metrics"]!["metadata-one_gap"]! >= 0);
            Assert.StartsWith("model_", (string?)checkpoint["global_metrics"]!["metadata-one_leader"]);
        });
    }

    [Fact]
    public async Task A_storage_holds_the_checkpoints()
    {
        var plugin = await MadeAsync("storage");
        Assert.NotEmpty(await plugin.CheckpointsAsync());
        Assert.True(new FileInfo(plugin.File("checkpoints/checkpoints.db")).Length > 100_000);
        Assert.StartsWith("ok ", await plugin.RunAsync("srl verify --all --config run.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backends_models_are_in_the_checkpoint()
    {
        var plugin = await MadeAsync("backend");
        var newest = (await plugin.CheckpointsAsync())[0];
        Assert.True(new FileInfo(plugin.File($"checkpoints/{newest["id"]}/model_weights/model_0.safetensors")).Length >= 4096 * sizeof(float));
        Assert.True((long)newest["model_states"]!["model_1"]!["update_count"]! > 0);
    }

    [Fact]
    public async Task An_environment_is_played()
    {
        var plugin = await MadeAsync("environment");
        var states = (await plugin.CheckpointsAsync())[0]["model_states"]!.AsObject().Select(model => model.Value!).ToList();
        // Nim has one winner: what one gains the other loses.
        Assert.Equal(0, states.Sum(state => (double)state["total_reward"]!), 9);
        Assert.True(states.Sum(state => (long)state["game_win_count"]!) > 0);
    }

    /// <summary>A plugin that a stranger has made and used, as soon as it is.</summary>
    private async Task<StrangersPlugin> MadeAsync(string contract)
    {
        var plugin = await strangers.MadeAsync(contract);
        foreach (var (command, seconds) in plugin.Times)
            output.WriteLine($"{seconds,5:F1} s  {command}");
        return plugin;
    }
}

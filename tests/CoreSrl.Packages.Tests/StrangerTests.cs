using System.Diagnostics;
using System.Text.Json.Nodes;
using CoreSrl.Packages.Tests.Processes;
using Xunit.Abstractions;

namespace CoreSrl.Packages.Tests;

/// <summary>
/// What somebody does who has the packages and has never seen the repository: makes a plugin from the template, and runs the commands of
/// the README that comes with it. In the end its effect is in a checkpoint.
/// </summary>
[Collection(Feed.Name)]
public sealed class StrangerTests(Feed feed, ITestOutputHelper output)
{
    [Fact]
    public async Task A_policy_tags_what_it_saves()
    {
        var plugin = await MakeAsync("policy");
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
        var plugin = await MakeAsync("metadata");
        Assert.All(await plugin.CheckpointsAsync(), checkpoint =>
        {
            Assert.True((double)checkpoint["global_metrics"]!["metadata-one_gap"]! >= 0);
            Assert.StartsWith("model_", (string?)checkpoint["global_metrics"]!["metadata-one_leader"]);
        });
    }

    [Fact]
    public async Task A_storage_holds_the_checkpoints()
    {
        var plugin = await MakeAsync("storage");
        Assert.NotEmpty(await plugin.CheckpointsAsync());
        Assert.True(new FileInfo(plugin.File("checkpoints/checkpoints.db")).Length > 100_000);
        Assert.StartsWith("ok ", await plugin.RunAsync("srl verify --all --config run.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backends_models_are_in_the_checkpoint()
    {
        var plugin = await MakeAsync("backend");
        var newest = (await plugin.CheckpointsAsync())[0];
        Assert.True(new FileInfo(plugin.File($"checkpoints/{newest["id"]}/model_weights/model_0.safetensors")).Length >= 4096 * sizeof(float));
        Assert.True((long)newest["model_states"]!["model_1"]!["update_count"]! > 0);
    }

    [Fact]
    public async Task An_environment_is_played()
    {
        var plugin = await MakeAsync("environment");
        var states = (await plugin.CheckpointsAsync())[0]["model_states"]!.AsObject().Select(model => model.Value!).ToList();
        // Nim has one winner: what one gains the other loses.
        Assert.Equal(0, states.Sum(state => (double)state["total_reward"]!), 9);
        Assert.True(states.Sum(state => (long)state["game_win_count"]!) > 0);
    }

    /// <summary>Creates a plugin and runs its README's commands, one after another.</summary>
    private async Task<Plugin> MakeAsync(string contract)
    {
        var name = $"Acme.Srl.{char.ToUpperInvariant(contract[0])}{contract[1..]}One";
        var clock = Stopwatch.StartNew();
        await new Command(feed.Desk, feed.Environment).RunAsync("dotnet", "new", "srl-plugin", "-n", name, "--contract", contract);
        var plugin = new Plugin(Path.Combine(feed.Desk, name), feed.Environment);
        foreach (var command in plugin.Commands())
        {
            var said = await plugin.RunAsync(command);
            Assert.DoesNotContain(": warning", said, StringComparison.OrdinalIgnoreCase);
            output.WriteLine($"{clock.Elapsed.TotalSeconds,5:F1} s  {command}");
        }

        return plugin;
    }

    private sealed class Plugin(string folder, IReadOnlyDictionary<string, string> environment)
    {
        private readonly Command _shell = new(folder, environment);

        public string File(string name) => Path.Combine(folder, name);

        public Task<string> RunAsync(string command) => _shell.RunAsync(command.Split(' '));

        /// <summary>The README's four.</summary>
        public string[] Commands()
        {
            var readme = System.IO.File.ReadAllText(File("README.md"));
            var block = readme.Split("```")[1].Split('\n')[1..];
            string[] commands = [.. block.Where(line => line.Length > 0 && !line.StartsWith('#'))];
            Assert.Equal(4, commands.Length);
            return commands;
        }

        /// <summary>The metadata of the run's checkpoints, newest first, as <c>srl</c> tells it.</summary>
        public async Task<IReadOnlyList<JsonNode>> CheckpointsAsync()
        {
            var listed = JsonNode.Parse(await RunAsync("srl list --config run.json --json"))!.AsArray();
            List<JsonNode> checkpoints = [];
            foreach (var id in listed.Select(entry => (string)entry!["id"]!))
            {
                var checkpoint = JsonNode.Parse(await RunAsync($"srl show {id} --config run.json --json"))!;
                checkpoint["id"] = id;
                checkpoints.Add(checkpoint);
            }

            return checkpoints;
        }
    }
}

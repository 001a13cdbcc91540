using System.Text.Json.Nodes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Plugins that nobody made for one another, in one process.</summary>
public class IsolationTests
{
    [Fact]
    public async Task Two_plugins_have_different_versions_of_one_dependency()
    {
        var metrics = await MetricsWithAsync("old-deque", "new-deque");

        Assert.Equal(("1.1.1.0", "1.2.1.0"), ((string?)metrics["old_deque"], (string?)metrics["new_deque"]));
        Assert.Equal((4, 4), ((int)metrics["old_deque_front"]!, (int)metrics["new_deque_front"]!));
    }

    [Fact]
    public async Task Two_torch_plugins_compute_beside_the_models_that_do()
    {
        var metrics = await MetricsWithAsync("torch-sum", "torch-product");

        Assert.Equal((10.0, 24.0), ((double)metrics["torch_sum"]!, (double)metrics["torch_product"]!));
    }

    [Fact]
    public async Task A_plugin_brings_its_native_library_along() => Assert.Equal("1.0.22", (string?)(await MetricsWithAsync("sodium"))["sodium"]);

    [Theory]
    [InlineData("incomplete-policy", "Nito.Collections.Deque.dll is missing (")]
    [InlineData("unshared-policy", "it needs 'Nito.Collections.Deque, Version=1.2.1.0, ")]
    public async Task A_plugin_that_misses_a_dependency_from_the_start_is_refused_with_its_name(string policy, string reason)
    {
        using var run = new PluginRun(policies: $$"""[ { "Use": "{{policy}}" } ]""");

        var result = await run.TrainAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"plugin '{policy}' ", result.Error, StringComparison.Ordinal);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.EndsWith("Install it again with all it depends on, as 'dotnet publish' lays it out.\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(await run.CheckpointsAsync());
    }

    [Fact]
    public async Task A_plugin_that_misses_a_dependency_later_ends_the_run_with_its_last_good_episode_saved()
    {
        using var run = new PluginRun("unshared-environment");

        var failed = await run.TrainAsync();

        Assert.Equal(1, failed.ExitCode);
        var emergency = Assert.Single(await run.CheckpointsAsync());
        Assert.Equal(2, (int)emergency["episode"]!);
        Assert.StartsWith("srl: Training failed after episode 2: Could not load file or assembly 'Nito.Collections.Deque, Version=1.2.1.0", failed.Error, StringComparison.Ordinal);
        Assert.Contains($"The last good episode is saved as '{emergency["checkpoint_id"]}'", failed.Error, StringComparison.Ordinal);
    }

    /// <summary>The metrics of the final checkpoint of a run in which those contributors took part.</summary>
    private static async Task<JsonNode> MetricsWithAsync(params string[] contributors)
    {
        using var run = new PluginRun(metadata: new JsonArray([.. contributors.Select(name => (JsonNode)new JsonObject { ["Use"] = name })]).ToJsonString());
        (await run.TrainAsync()).Succeeded();
        var final = (await run.CheckpointsAsync())[0];
        Assert.Empty(final["warnings"]!.AsArray());
        return final["global_metrics"]!;
    }
}

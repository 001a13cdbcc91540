using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>
/// The guide's own Python runs unchanged on our directories, given the two functions that it imports (<c>Python/core_srl.py</c>), and
/// finds what the command says. Where there is no python3 the same is computed here from the same files, and the output says so.
/// </summary>
public sealed class GuidePythonTests(DefaultRun run, ITestOutputHelper output) : IClassFixture<DefaultRun>
{
    [Fact]
    public async Task Listing_metadata_comparison_model_statistics_and_size_are_what_the_command_says()
    {
        var found = await RunPythonAsync();
        if (found is null)
            output.WriteLine("There is no python3 here: the guide's own code was not run; its results were computed in C# from the same files.");
        found ??= Compute();

        var list = JsonNode.Parse((await Srl.RunAsync(run.Folder, "list", "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal(list.Select(entry => (string)entry!["id"]!), found["checkpoints"]!.AsArray().Select(id => (string)id!));
        Assert.Equal(list.Select(entry => (long)entry!["episode"]!), found["episodes"]!.AsArray().Select(episode => (long)episode!));
        foreach (var (entry, reward) in list.Zip(found["rewards"]!.AsArray()))
            Assert.Equal((double)entry!["metrics"]!["avg_reward"]!, (double)reward!, 12);
        Assert.Equal([(string)list.Single(entry => (int)entry!["episode"]! == 150)!["id"]!], found["loaded"]!.AsArray().Select(id => (string)id!));

        var newest = JsonNode.Parse((await Srl.RunAsync(run.Folder, "show", (string)list[0]!["id"]!, "--json")).Succeeded().Output)!;
        var states = newest["model_states"]!.AsObject();
        Assert.Equal(states.Select(state => state.Key), found["latest_stats"]!.AsObject().Select(state => state.Key));
        foreach (var (model, state) in states)
        {
            var statistics = found["latest_stats"]![model]!;
            Assert.Equal((double)state!["average_reward"]!, (double)statistics["avg_reward"]!, 12);
            Assert.Equal((double)state["win_count"]! / (double)state["episode_count"]!, (double)statistics["win_rate"]!, 12);
            Assert.Equal((long)state["update_count"]!, (long)statistics["update_count"]!);
            Assert.Equal((double)state["cooperation_score"]!, (double)statistics["cooperation_score"]!, 12);
        }

        var bytes = new DirectoryInfo(run.Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.True(list.Sum(entry => (long)entry!["size_bytes"]!) < bytes);
        Assert.Equal(bytes / Math.Pow(1024, 3), (double)found["size_gb"]!, 12);
        if (found["printed"] is { } printed)
        {
            var text = ((string)printed!).ReplaceLineEndings("\n");
            Assert.Contains($"Available checkpoints: ['{list[0]!["id"]}', ", text, StringComparison.Ordinal);
            Assert.Contains($"Episode: 200\nTimestamp: {newest["timestamp"]}\nModels: ['model_0_qwen3', 'model_1_qwen3', 'model_2_qwen3']\nGlobal metrics: {{", text, StringComparison.Ordinal);
            Assert.Contains("model_2_qwen3: reward=", text, StringComparison.Ordinal);
            var drawn = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(run.Folder, "training_progress.png")))![0]!.AsArray();
            Assert.Equal(("plot", "[200,150,100,50]"), ((string)drawn[0]!, drawn[1]!.ToJsonString()));
        }
    }

    /// <summary>What the passages found; null where there is no python3.</summary>
    private async Task<JsonNode?> RunPythonAsync()
    {
        var program = Path.Combine(Srl.Metadata("RepositoryPath"), "tests/CoreSrl.EndToEnd.Tests/Guide/Python/run_guide.py");
        var start = new ProcessStartInfo("python3", ["-B", program]) { WorkingDirectory = run.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var (said, wrong) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await wrong);
            return JsonNode.Parse(await said)!;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The same by the guide's formulas.</summary>
    private JsonObject Compute()
    {
        var all = Directory.GetFiles(run.Directory, "metadata.json", SearchOption.AllDirectories).Select(file => JsonNode.Parse(File.ReadAllText(file))!)
            .OrderByDescending(metadata => DateTimeOffset.Parse((string)metadata["timestamp"]!, CultureInfo.InvariantCulture)).ToList();
        return new()
        {
            ["checkpoints"] = JsonSerializer.SerializeToNode(all.Select(metadata => (string)metadata["checkpoint_id"]!)),
            ["episodes"] = JsonSerializer.SerializeToNode(all.Select(metadata => (long)metadata["episode"]!)),
            ["rewards"] = JsonSerializer.SerializeToNode(all.Select(metadata => metadata["model_states"]!.AsObject().Average(state => PerEpisode(state.Value!, "total_reward")))),
            ["loaded"] = JsonSerializer.SerializeToNode(all.Where(metadata => (int)metadata["episode"]! == 150).Select(metadata => (string)metadata["checkpoint_id"]!).Take(1)),
            ["latest_stats"] = new JsonObject(all[0]["model_states"]!.AsObject().Select(state => KeyValuePair.Create(state.Key, (JsonNode?)new JsonObject
            {
                ["avg_reward"] = PerEpisode(state.Value!, "total_reward"),
                ["win_rate"] = PerEpisode(state.Value!, "win_count"),
                ["update_count"] = (long)state.Value!["update_count"]!,
                ["cooperation_score"] = (double)state.Value["cooperation_score"]!,
            }))),
            ["size_gb"] = Directory.GetFiles(run.Directory, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / Math.Pow(1024, 3),
        };

        static double PerEpisode(JsonNode state, string key) => (double)state[key]! / Math.Max(1, (long)state["episode_count"]!);
    }
}

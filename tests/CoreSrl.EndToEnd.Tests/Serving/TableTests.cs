using CoreSrl.EndToEnd.Tests.Checkpoints;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Serving;

/// <summary>A local model and one that <c>srl serve</c> serves, at one table.</summary>
public sealed class TableTests(TrainedDirectory trained) : IClassFixture<TrainedDirectory>
{
    [UnixFact]
    public async Task They_play_together_and_killed_and_begun_again_they_come_to_the_same_bits()
    {
        using var copy = trained.Copy();
        using var served = await ServedCheckpoint.StartAsync(copy.Path, null, "latest", "--dir", copy.Directory, "--model", "model_1_qwen3");
        using var undisturbed = new TemporaryFolder();
        using var disturbed = new TemporaryFolder();
        foreach (var folder in new[] { undisturbed, disturbed })
            Write(folder, served.Address);
        string[] train = ["train", "run.json"];
        (await Srl.RunAsync(undisturbed.Path, train)).Succeeded();

        using (var process = Srl.Start(disturbed.Path, train))
        {
            await process.WaitForAsync("saved ");
            process.Kill();
            await process.WaitAsync();
        }

        (await Srl.RunAsync(disturbed.Path, train)).Succeeded();

        var (one, other) = (new RunDirectory(undisturbed.File("checkpoints/table")), new RunDirectory(disturbed.File("checkpoints/table")));
        RunDirectory.AssertSameRun(one, other);
        var state = RunDirectory.Json(one.Checkpoints[^1], "model_weights/model_1_openai.json")["state"]!;
        // Each of 6 episodes' 4 games asks two questions, and a small random model seldom names a choice: it is asked up to three times.
        Assert.InRange((long)state["usage"]!["requests"]!, 6 * 4 * 2, 3 * 6 * 4 * 2);
        Assert.Equal(0, (long)state["usage"]!["sat_out_turns"]!);
        Assert.Equal(0, (long)state["usage"]!["estimated_requests"]!);
    }

    // With seeds that are heeded, no recording is needed. What is remembered must fit into the 1024 bytes that the served model reads.
    private static void Write(TemporaryFolder folder, Uri server) => folder.Write("run.json", $$"""
        {
          "Training": { "RunName": "table", "MaxEpisodes": 6, "GamesPerEpisode": 4 },
          "Environment": { "Use": "question-answer", "Mode": "race" },
          "Models": [
            { "Id": "model_0_qwen3", "Use": "torch-lora", "HiddenSize": 8, "Layers": 1, "Heads": 1, "HeadDim": 4, "IntermediateSize": 8, "LoraRank": 2 },
            { "Id": "model_1_openai", "Use": "openai", "Model": "model_1_qwen3", "BaseAddress": "{{server}}", "MaxTokens": 8, "MemoryTokens": 100 }
          ],
          "Checkpoints": { "Directory": "checkpoints/table", "SaveInterval": 2, "MaxCheckpoints": -1 }
        }
        """);
}

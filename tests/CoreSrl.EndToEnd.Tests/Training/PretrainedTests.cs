using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary>Pretrained models at one table: chosen by a folder in the configuration, saved with one base, resumed to the same bits.</summary>
public sealed class PretrainedTests
{
    [Fact]
    public async Task A_run_that_was_killed_ends_in_the_same_bits_and_two_models_have_one_base_on_disk()
    {
        using var undisturbed = new TemporaryFolder();
        using var disturbed = new TemporaryFolder();
        foreach (var folder in new[] { undisturbed, disturbed })
            Write(folder);
        string[] train = ["train", "run.json"];
        (await Srl.RunAsync(undisturbed.Path, train)).Succeeded();

        using (var process = Srl.Start(disturbed.Path, train))
        {
            await process.WaitForAsync("saved ");
            process.Kill();
            await process.WaitAsync();
        }

        (await Srl.RunAsync(disturbed.Path, train)).Succeeded();
        var directory = new RunDirectory(disturbed.File("checkpoints/pretrained"));
        RunDirectory.AssertSameRun(new(undisturbed.File("checkpoints/pretrained")), directory);
        // Qwen2's in float32, which two models share, and Llama's in bfloat16.
        Assert.Equal(
            [Length("qwen2-tiny"), Length("llama-tiny")],
            Directory.GetFiles(disturbed.File("checkpoints/pretrained/base_weights")).Select(path => new FileInfo(path).Length / 10_000).OrderDescending());
        Assert.True(File.Exists(Path.Combine(directory.Checkpoints[^1], "model_weights/model_2_llama.json")));
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_told_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var result = await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Models:0:Path=nowhere");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("nowhere: it holds no config.json. Name a folder in which transformers' save_pretrained put a model.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("checkpoints")));
    }

    private static long Length(string model) => new FileInfo(Path.Combine(ModelFolder(model), "model.safetensors")).Length / 10_000;

    private static string ModelFolder(string name) => Path.Combine(AppContext.BaseDirectory, "TinyModels", name);

    private static void Write(TemporaryFolder folder) => folder.Write("run.json", $$"""
        {
          "Training": { "RunName": "pretrained", "MaxEpisodes": 12, "GamesPerEpisode": 4, "UpdateFrequency": 2 },
          "Environment": { "Use": "coop-compete", "Rounds": 2 },
          "Models": [
            { "Id": "model_0_qwen2", "Use": "torch-lora", "Path": "{{ModelFolder("qwen2-tiny")}}", "LoraDropout": 0.1 },
            { "Id": "model_1_qwen2", "Use": "torch-lora", "Path": "{{ModelFolder("qwen2-tiny")}}" },
            { "Id": "model_2_llama", "Use": "torch-lora", "Path": "{{ModelFolder("llama-tiny")}}" }
          ],
          "Checkpoints": { "Directory": "checkpoints/pretrained", "SaveInterval": 3, "MaxCheckpoints": -1 }
        }
        """);
}

using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>What one run exports for PEFT, another one starts from.</summary>
public sealed class AdapterTests
{
    [Fact]
    public async Task An_exported_adapter_starts_another_run_with_its_ranks_scales_and_bits()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        string[] shape = ["--set", "Models:1:LoraRank=2", "--set", "Models:1:LoraRankPattern:0=layers.0.self_attn.q_proj=4", "--set", "Models:1:LoraAlphaPattern:0=up_proj=6.5", "--set", "Models:1:LoraRankStabilized=true"];
        (await Srl.RunAsync(folder.Path, ["train", "run.json", "--set", "Training:MaxEpisodes=4", .. shape])).Succeeded();
        await ExportAsync("first", "checkpoints/small");

        string[] second = ["--set", "Checkpoints:Directory=checkpoints/second", "--set", "Training:MaxEpisodes=4", "--set", "Models:1:Adapter=first"];
        (await Srl.RunAsync(folder.Path, ["train", "run.json", .. second, "--set", "Models:1:LearningRate=0"])).Succeeded();
        await ExportAsync("second", "checkpoints/second");

        Assert.Equal(File.ReadAllBytes(folder.File("first/adapter_model.safetensors")), File.ReadAllBytes(folder.File("second/adapter_model.safetensors")));
        Assert.Equal(File.ReadAllText(folder.File("first/adapter_config.json")), File.ReadAllText(folder.File("second/adapter_config.json")));
        var config = JsonNode.Parse(File.ReadAllText(folder.File("second/adapter_config.json")))!;
        Assert.Equal("""[{"layers.0.self_attn.q_proj":4},{"up_proj":6.5},true,2]""", new JsonArray([.. new[] { "rank_pattern", "alpha_pattern", "use_rslora", "r" }.Select(key => config[key]!.DeepClone())]).ToJsonString());

        // It goes on from its checkpoint, and not from the adapter once more.
        (await Srl.RunAsync(folder.Path, ["train", "run.json", .. second, "--set", "Training:MaxEpisodes=8"])).Succeeded();
        await ExportAsync("third", "checkpoints/second");
        Assert.NotEqual(File.ReadAllBytes(folder.File("first/adapter_model.safetensors")), File.ReadAllBytes(folder.File("third/adapter_model.safetensors")));

        async Task ExportAsync(string to, string directory)
        {
            var list = JsonNode.Parse((await Srl.RunAsync(folder.Path, "list", "--dir", directory, "--json")).Succeeded().Output)!.AsArray();
            (await Srl.RunAsync(folder.Path, "export", (string)list[0]!["id"]!, "--model", "model_1_qwen3", "--format", "peft", "--out", to, "--dir", directory)).Succeeded();
        }
    }
}

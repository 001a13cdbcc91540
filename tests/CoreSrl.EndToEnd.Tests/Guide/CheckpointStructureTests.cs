using System.Text.Json;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Checkpoint Structure": the directory is the guide's, read here with nothing but System.IO and System.Text.Json, as the guide's Python would.</summary>
public sealed class CheckpointStructureTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("checkpoints/small");

    public async Task InitializeAsync()
    {
        _folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(_folder.Path, "train", "run.json")).Succeeded();
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Each_checkpoint_is_a_folder_named_after_run_episode_and_time_and_the_last_is_final()
    {
        var names = Directory.GetDirectories(Run).Select(Path.GetFileName).OfType<string>().Where(name => name != "base_weights").ToList();
        Assert.Equal(8, names.Count);
        Assert.All(names.Where(name => !name.StartsWith("final_", StringComparison.Ordinal)), name => Assert.Matches(@"^small_ep_(3|6|9|12|15|18|21)_\d{10}$", name));
        Assert.Single(names, name => System.Text.RegularExpressions.Regex.IsMatch(name, @"^final_small_ep_24_\d{10}$"));
    }

    [Fact]
    public void Each_checkpoint_holds_the_guides_files_and_what_a_resume_needs()
    {
        foreach (var checkpoint in Directory.GetDirectories(Run).Where(folder => Path.GetFileName(folder) != "base_weights"))
        {
            string[] expected =
            [
                "lora_weights/lora_0.pt", "lora_weights/lora_1.pt", "lora_weights/lora_2.pt", "metadata.json",
                "model_weights/model_0_qwen3.json", "model_weights/model_1_qwen3.json", "model_weights/model_2_qwen3.json",
                "optimizer_state/model_0_qwen3.safetensors", "optimizer_state/model_1_qwen3.safetensors", "optimizer_state/model_2_qwen3.safetensors",
                "training_state.json",
            ];
            Assert.Equal(expected, Directory.GetFiles(checkpoint, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(checkpoint, file)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Metadata_has_every_key_that_the_guide_reads()
    {
        foreach (var checkpoint in Directory.GetDirectories(Run).Where(folder => Path.GetFileName(folder) != "base_weights"))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(checkpoint, "metadata.json")));
            var metadata = document.RootElement;
            Assert.Equal(Path.GetFileName(checkpoint), metadata.GetProperty("checkpoint_id").GetString());
            Assert.True(metadata.GetProperty("timestamp").TryGetDateTimeOffset(out _));
            Assert.True(metadata.GetProperty("episode").GetInt64() > 0);
            Assert.Equal(JsonValueKind.Object, metadata.GetProperty("global_metrics").ValueKind);
            Assert.Equal(JsonValueKind.Object, metadata.GetProperty("config").ValueKind);
            var states = metadata.GetProperty("model_states");
            Assert.Equal(["model_0_qwen3", "model_1_qwen3", "model_2_qwen3"], states.EnumerateObject().Select(state => state.Name));
            foreach (var state in states.EnumerateObject().Select(property => property.Value))
            {
                Assert.Equal(metadata.GetProperty("episode").GetInt64(), state.GetProperty("episode_count").GetInt64());
                Assert.InRange(state.GetProperty("win_count").GetInt64(), 0, state.GetProperty("episode_count").GetInt64());
                Assert.Equal(metadata.GetProperty("episode").GetInt64() / 2, state.GetProperty("update_count").GetInt64());
                Assert.InRange(state.GetProperty("cooperation_score").GetDouble(), 0.0, 1.0);
                Assert.True(double.IsFinite(state.GetProperty("total_reward").GetDouble()));
            }

            // The guide's own average: the mean over models of total_reward / max(1, episode_count).
            var average = states.EnumerateObject().Average(s => s.Value.GetProperty("total_reward").GetDouble() / Math.Max(1, s.Value.GetProperty("episode_count").GetInt64()));
            Assert.Equal(average, metadata.GetProperty("global_metrics").GetProperty("avg_reward").GetDouble(), 12);
        }
    }

    [Fact]
    public void Metadata_records_size_and_digest_of_every_other_file()
    {
        foreach (var checkpoint in Directory.GetDirectories(Run).Where(folder => Path.GetFileName(folder) != "base_weights"))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(checkpoint, "metadata.json")));
            var recorded = document.RootElement.GetProperty("files").EnumerateObject().ToDictionary(file => file.Name, file => file.Value);
            var present = Directory.GetFiles(checkpoint, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(checkpoint, file)).Where(file => file != "metadata.json");
            Assert.Equal(present.Order(StringComparer.Ordinal), recorded.Keys.Order(StringComparer.Ordinal));
            Assert.All(recorded, file => Assert.Equal(new FileInfo(Path.Combine(checkpoint, file.Key)).Length, file.Value.GetProperty("size").GetInt64()));
            Assert.All(recorded, file => Assert.Matches("^[0-9a-f]{32}$", file.Value.GetProperty("xxh128").GetString()));
        }
    }

    [Fact]
    public void The_shared_base_is_stored_once()
    {
        var bases = Directory.GetFiles(Path.Combine(Run, "base_weights"));
        var file = Assert.Single(bases);
        foreach (var model in Directory.GetFiles(Run, "model_?_qwen3.json", SearchOption.AllDirectories))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(model));
            Assert.Equal(Path.GetFileNameWithoutExtension(file), document.RootElement.GetProperty("base_weights").GetString());
        }
    }
}

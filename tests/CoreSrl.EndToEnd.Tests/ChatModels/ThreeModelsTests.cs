using CoreSrl.ChatServers;
using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.ChatModels;

/// <summary><c>srl train</c> with a local model and two remote ones: the guide's tree comes out of it, and whatever happens on the way.</summary>
public sealed class ThreeModelsTests
{
    // 12 episodes of 4 games of 2 questions.
    private const int Turns = 12 * 4 * 2;

    [Fact]
    public async Task They_leave_the_guides_tree_and_killed_at_any_moment_come_to_the_same_bits_without_paying_twice()
    {
        Srl? process = null;
        var killAt = int.MaxValue;
        await using var server = await ChatServer.StartAsync(asked =>
        {
            if (asked.Number == killAt)
                process!.Kill();
            return Answers.FromContext(asked) with { Delay = TimeSpan.FromMilliseconds(3) };
        });

        using var undisturbed = new ChatRun().Configure(server);
        (await undisturbed.TrainAsync()).Succeeded();
        var paid = server.Requests.Count;
        Assert.Equal(2 * Turns, paid);
        var final = undisturbed.Directory.Checkpoints[^1];
        Assert.StartsWith("final_guide_ep_12_", Path.GetFileName(final), StringComparison.Ordinal);
        string[] expected =
        [
            "lora_weights/lora_0.pt", "metadata.json", "model_weights/model_0_qwen3.json", "model_weights/model_1_openai.json", "model_weights/model_2_claude.json",
            "optimizer_state/model_0_qwen3.safetensors", "training_state.json",
        ];
        Assert.Equal(expected, Directory.GetFiles(final, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(final, file)).Order(StringComparer.Ordinal));
        foreach (var model in new[] { "model_1_openai", "model_2_claude" })
        {
            var file = RunDirectory.Json(final, $"model_weights/{model}.json");
            Assert.Equal(model["model_N_".Length..], (string?)file["kind"]);
            Assert.Equal(Turns, ChatRun.Usage(final, model, "requests"));
            Assert.NotEmpty(file["state"]!["memory"]!.AsArray());
        }

        using var killed = new ChatRun().Configure(server);
        foreach (var after in new[] { 10, 75, 60 })
        {
            killAt = server.Requests.Count + after;
            using var dying = process = killed.Start();
            Assert.Equal(137, (await dying.WaitAsync()).ExitCode);
            CrashedDirectory.Age(killed.Checkpoints);
        }

        killAt = int.MaxValue;
        (await killed.TrainAsync()).Succeeded();

        RunDirectory.AssertSameRun(undisturbed.Directory, killed.Directory);
        Assert.Equal(CrashedDirectory.Files(undisturbed.Checkpoints).Keys, CrashedDirectory.Files(killed.Checkpoints).Keys);
        // What was under way at a death is not known to have been answered: four requests of each model at most.
        Assert.InRange(server.Requests.Count - paid, paid, paid + (3 * 2 * 4));
    }

    [Fact]
    public async Task A_finished_run_is_replayed_without_a_server_or_a_key()
    {
        using var recorded = new ChatRun();
        using var replayed = new ChatRun();
        await using (var server = await ChatServer.StartAsync(Answers.FromContext))
        {
            (await recorded.Configure(server).TrainAsync()).Succeeded();
            replayed.Configure(server);
        }

        Directory.CreateDirectory(Path.Combine(replayed.Folder, "recordings"));
        FolderCopy.Make(Path.Combine(recorded.Folder, "recordings"), Path.Combine(replayed.Folder, "recordings"));
        (await Srl.RunAsync(replayed.Folder, "train", "run.json", "--set", "Models:1:ReplayOnly=true", "--set", "Models:2:ReplayOnly=true")).Succeeded();

        var (one, other) = (recorded.Directory.Checkpoints[^1], replayed.Directory.Checkpoints[^1]);
        RunDirectory.AssertSameTensors(one, other);
        foreach (var file in new[] { "model_weights/model_1_openai.json", "model_weights/model_2_claude.json" })
            Assert.Equal(File.ReadAllText(Path.Combine(one, file)), File.ReadAllText(Path.Combine(other, file)));
    }

    [Fact]
    public async Task A_key_stands_in_nothing_that_is_left_behind_or_said()
    {
        await using var server = await ChatServer.StartAsync(asked => asked.Number % 5 == 0
            ? new("") { Status = 500, Error = $"Your key {asked.Key} is fine.", RetryAfter = "0" }
            : asked.Number > 150 ? new("") { Status = 400, Error = $"Your key {asked.Key} is not fine." } : Answers.AtRandom(asked));
        using var run = new ChatRun().Configure(server, "\"Retries\": 50, \"RetryDelay\": \"00:00:00\"");

        var result = await run.TrainAsync("--verbose");

        Assert.Equal(1, result.ExitCode);
        Assert.All(server.Requests, asked => Assert.Equal(ChatRun.Key, asked.Key));
        Assert.Contains("Your key [key] is not fine", result.Error, StringComparison.Ordinal);
        Assert.Contains("Your key [key] is fine", result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(ChatRun.Key, result.Output + result.Error, StringComparison.Ordinal);
        Assert.NotEmpty(run.Directory.Checkpoints);
        var files = Directory.GetFiles(run.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith("claude.jsonl", StringComparison.Ordinal));
        Assert.All(files, file => Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(ChatRun.Key)) >= 0, file));
    }
}

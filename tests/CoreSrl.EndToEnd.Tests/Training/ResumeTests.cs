using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Training;

/// <summary><c>srl train</c> knows by itself whether to start, to go on or to leave alone; <c>list</c> and <c>show</c> tell what is there.</summary>
public sealed class ResumeTests
{
    [Fact]
    public async Task A_finished_run_says_so_and_changes_nothing_until_it_is_extended()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();
        var before = Files(folder);

        var again = (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();
        Assert.Contains("is finished: 24 of 24 episodes. Nothing was changed.", again.Output, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));

        var extended = (await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=26")).Succeeded();
        Assert.Contains("Finished 26 episodes;", extended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fresh_starts_a_run_and_refuses_a_directory_that_holds_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(folder.Path, "train", "run.json", "--fresh")).Succeeded();
        var before = Files(folder);
        var again = await Srl.RunAsync(folder.Path, "train", "run.json", "--fresh");
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("already holds the run 'small-", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));
    }

    [Fact]
    public async Task A_damaged_newest_checkpoint_is_set_aside_and_the_one_before_it_is_used()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();
        var newest = new RunDirectory(folder.File("checkpoints/small")).Checkpoints[^1];
        var adapter = Path.Combine(newest, "lora_weights/lora_1.pt");
        var bytes = await File.ReadAllBytesAsync(adapter);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(adapter, bytes);

        var result = (await Srl.RunAsync(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=26")).Succeeded();
        Assert.Contains($"Checkpoint '{Path.GetFileName(newest)}': lora_weights/lora_1.pt has the digest", result.Output, StringComparison.Ordinal);
        Assert.Contains("at episode 21.", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(adapter), "a damaged checkpoint is set aside, never deleted");
    }

    [Fact]
    public async Task Damage_is_told_with_exit_code_3_and_nothing_is_begun_over_it()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        string[] train = ["train", "run.json", "--set", "Training:MaxEpisodes=2"];
        (await Srl.RunAsync(folder.Path, train)).Succeeded();
        var only = Assert.Single(new RunDirectory(folder.File("checkpoints/small")).Checkpoints);
        await File.WriteAllTextAsync(Path.Combine(only, "metadata.json"), "{ \"format_version\": 1 }");
        var before = Files(folder);

        foreach (var command in new[] { train, ["list", "run.json"], ["show", Path.GetFileName(only), "--config", "run.json"] })
        {
            var result = await Srl.RunAsync(folder.Path, command);
            Assert.Equal(3, result.ExitCode);
            Assert.Contains("damaged", command[0] == "train" ? result.Error : "damaged", StringComparison.Ordinal);
            Assert.Contains(Path.GetFileName(only), result.Output + result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, Files(folder));
    }

    [Fact]
    public async Task List_and_show_print_one_json_document_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        var training = (await Srl.RunAsync(folder.Path, "train", "run.json", "--json")).Succeeded();
        Assert.Equal("finished", (string)JsonNode.Parse(training.Output)!["outcome"]!);

        var list = JsonNode.Parse((await Srl.RunAsync(folder.Path, "list", "--dir", "checkpoints/small", "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal([24, 21, 18, 15, 12, 9, 6, 3], list.Select(entry => (int)entry!["episode"]!));
        var newest = list[0]!;
        Assert.Equal((string)JsonNode.Parse(training.Output)!["checkpoint"]!, (string)newest["id"]!);
        Assert.True((bool)newest["final"]!);
        Assert.True((long)newest["size_bytes"]! > 0);
        Assert.Equal(["id", "episode", "timestamp", "final", "tags", "size_bytes", "metrics"], newest.AsObject().Select(field => field.Key));

        var show = await Srl.RunAsync(folder.Path, "show", (string)newest["id"]!, "--config", "run.json", "--json");
        var metadata = await File.ReadAllTextAsync(Path.Combine(folder.File("checkpoints/small"), (string)newest["id"]!, "metadata.json"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(metadata), JsonNode.Parse(show.Succeeded().Output)));
    }

    private static List<(string, DateTime, long)> Files(TemporaryFolder folder) =>
        [.. new DirectoryInfo(folder.Path).GetFiles("*", SearchOption.AllDirectories).Select(file => (file.FullName, file.LastWriteTimeUtc, file.Length)).Order()];
}

using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Selective Recovery": going on from a certain checkpoint.</summary>
public sealed class SelectiveRecoveryTests(DefaultRun run) : IClassFixture<DefaultRun>
{
    private static readonly string[] Train =
        ["train", "--set", "Training:GamesPerEpisode=2", "--set", "Environment:Rounds=1", "--set", "Training:UpdateFrequency=10"];

    [Fact]
    public async Task Episode_150_is_gone_on_from_to_the_same_bits_and_what_came_after_it_stays()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(run.Directory, "*", SearchOption.AllDirectories))
        {
            var copy = folder.File(Path.GetRelativePath(run.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var branch = (await Srl.RunAsync(folder.Path, [.. Train, "--resume", "episode:150", "--json"])).Succeeded();

        var final = Path.Combine(folder.File("checkpoints/multimodel"), (string)JsonNode.Parse(branch.Output)!["checkpoint"]!);
        Assert.Contains($"Going on from checkpoint '{run.Ids[1]}' at episode 150.", branch.Error, StringComparison.Ordinal);
        Assert.Contains($"A newer checkpoint stays behind, '{run.Ids[0]}' of episode 200;", branch.Error, StringComparison.Ordinal);
        Assert.NotEqual(run.Ids[0], Path.GetFileName(final));
        Assert.Equal(run.Ids[1], (string)RunDirectory.Metadata(final)["parent"]!);
        RunDirectory.AssertSameTensors(Path.Combine(run.Directory, run.Ids[0]), final);
        var list = JsonNode.Parse((await Srl.RunAsync(folder.Path, "list", "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal([Path.GetFileName(final), .. run.Ids], list.Select(entry => (string)entry!["id"]!));
    }

    [Theory]
    [InlineData("episode:151", "holds no checkpoint of episode 151. The nearest is of episode 150; there are 50, 100, 150, 200.")]
    [InlineData("episode:last", "'episode:last' names no episode; write episode:150.")]
    [InlineData("best:avg_reward", "holds no checkpoint tagged 'best:avg_reward'. None has a tag.")]
    [InlineData("finale", "holds no checkpoint 'finale'. Did you mean 'final'?")]
    public async Task What_is_not_there_is_told_with_the_nearest_and_nothing_is_written(string choice, string message)
    {
        var before = Directory.GetFileSystemEntries(run.Folder, "*", SearchOption.AllDirectories).Order();
        var result = await Srl.RunAsync(run.Folder, [.. Train, "--set", "Training:MaxEpisodes=300", "--resume", choice]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(run.Folder, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public async Task A_damaged_choice_exits_3_and_a_fresh_start_from_a_checkpoint_is_nonsense()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        string[] train = ["train", "run.json", "--set", "Training:MaxEpisodes=6"];
        (await Srl.RunAsync(folder.Path, train)).Succeeded();
        var chosen = new RunDirectory(folder.File("checkpoints/small")).Checkpoints[0];
        await File.AppendAllTextAsync(Path.Combine(chosen, "training_state.json"), " ");

        var damaged = await Srl.RunAsync(folder.Path, [.. train, "--resume", "episode:3"]);
        Assert.Equal(3, damaged.ExitCode);
        Assert.Contains($"Checkpoint '{Path.GetFileName(chosen)}': training_state.json ", damaged.Error, StringComparison.Ordinal);
        Assert.Contains("It was chosen by Checkpoints:Resume=episode:3", damaged.Error, StringComparison.Ordinal);

        var both = await Srl.RunAsync(folder.Path, [.. train, "--resume", "latest", "--fresh"]);
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("--fresh and --resume latest do not go together", both.Error, StringComparison.Ordinal);
    }
}

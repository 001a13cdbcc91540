using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Claims;

/// <summary>Two trainers and one directory.</summary>
public sealed class ClaimTests : IDisposable
{
    private const int Stop = 19; // SIGSTOP and SIGCONT, on Linux.
    private const int Continue = 18;

    private readonly TemporaryFolder _folder = new();

    public ClaimTests() => _folder.Write("run.json", Configurations.Small);

    private string Checkpoints => _folder.File("checkpoints/small");

    private string Claim => Path.Combine(Checkpoints, "claim.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_trainer_is_refused_in_one_line_with_who_has_the_directory_and_the_first_finishes_unharmed()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var first = Start(episodes: 60);
        await first.WaitForAsync("saved small_ep_3_");
        await StopAsync(first); // So that it has not finished before the second one asks; it lives all the same.
        var second = await RunAsync(episodes: 60);
        first.Signal(Continue);
        Assert.Equal(2, second.ExitCode);
        Assert.Empty(second.Output);
        Assert.Matches(
            $@"^srl: {Checkpoints} is in use by process {first.Id} on host '{Environment.MachineName}', which has held it for (less than a second|\d+ s) \(run 'small'\)\. Stop that one first, or choose another Checkpoints:Directory\.\n$",
            second.Error);

        (await first.WaitAsync()).Succeeded();
        var saved = await CrashedDirectory.AssertWholeAsync(Checkpoints);
        Assert.Equal((20, true, 60), (saved.Count, saved[0].Final, saved[0].Episode));
    }

    [Fact]
    public async Task After_a_kill_the_same_command_goes_on_at_once()
    {
        using (var killed = Start(episodes: 1_000_000))
        {
            await killed.WaitForAsync("saved small_ep_6_");
            killed.Kill();
            await killed.WaitAsync();
        }

        var newest = (await CrashedDirectory.AssertWholeAsync(Checkpoints))[0];
        var result = (await RunAsync(newest.Episode + 2)).Succeeded();
        Assert.Contains($"Going on from checkpoint '{newest.Id}' at episode {newest.Episode}.", result.Output, StringComparison.Ordinal);
        Assert.True((await CrashedDirectory.AssertWholeAsync(Checkpoints))[0].Final);
    }

    [Fact]
    public async Task A_trainer_that_was_taken_for_dead_and_comes_back_fails_and_has_committed_nothing()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var first = Start(episodes: 1_000_000);
        await first.WaitForAsync("saved small_ep_3_");
        await StopAsync(first);

        // As if it were on a machine from which nothing has been heard for two minutes.
        var claim = JsonNode.Parse(await File.ReadAllTextAsync(Claim))!;
        Assert.Equal(first.Id, (int)claim["holder"]!["process"]!);
        claim["holder"]!["machine"] = "another";
        await File.WriteAllTextAsync(Claim, claim.ToJsonString());
        File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddMinutes(-2));

        var episode = (await CrashedDirectory.AssertWholeAsync(Checkpoints))[0].Episode;
        using var second = Start(episode + 2);
        (await second.WaitAsync()).Succeeded();
        var after = await CrashedDirectory.AssertWholeAsync(Checkpoints);
        Assert.True(after[0].Final);
        var weights = Weights();

        first.Signal(Continue);
        var result = await first.WaitAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            $"{Checkpoints} was taken over by process {second.Id} on host '{Environment.MachineName}', as this process had not been heard of for more than 60 s. "
            + "Nothing more is saved there by this process;",
            result.Error, StringComparison.Ordinal);
        Assert.Equal(after.Select(saved => saved.Id), (await CrashedDirectory.AssertWholeAsync(Checkpoints)).Select(saved => saved.Id));
        Assert.Equal(weights, Weights());
    }

    private Srl Start(long episodes) => Srl.Start(_folder.Path, "train", "run.json", "--set", $"Training:MaxEpisodes={episodes}");

    private Task<SrlResult> RunAsync(long episodes) => Srl.RunAsync(_folder.Path, "train", "run.json", "--set", $"Training:MaxEpisodes={episodes}");

    /// <summary>Stops a trainer at a moment at which it does not hold the lock that every writer of the folder needs for an instant.</summary>
    private async Task StopAsync(Srl trainer)
    {
        while (true)
        {
            trainer.Signal(Stop);
            while (await StateAsync(trainer.Id) != 'T')
                await Task.Yield();
            try
            {
                await using (File.Open(Path.Combine(Checkpoints, ".srl-lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    return;
            }
            catch (IOException)
            {
                trainer.Signal(Continue);
            }
        }
    }

    private static async Task<char> StateAsync(int process)
    {
        var stat = await File.ReadAllTextAsync($"/proc/{process}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }

    private Dictionary<string, DateTime> Weights() => Directory.GetFiles(Checkpoints, "*", SearchOption.AllDirectories)
        .Where(path => path.EndsWith(".pt", StringComparison.Ordinal) && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "../metadata.json")))
        .ToDictionary(path => path, File.GetLastWriteTimeUtc);
}

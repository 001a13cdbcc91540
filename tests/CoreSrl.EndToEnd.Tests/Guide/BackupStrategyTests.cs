using System.Globalization;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;
using CoreSrl.Killing;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Backup Strategy: <c>srl backup</c> copies checkpoints to another place, <c>srl restore</c> brings them back.</summary>
public sealed class BackupStrategyTests(TrainedRun run, ITestOutputHelper output) : IClassFixture<TrainedRun>
{
    private const int KillPoints = 6;

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;

    [Fact]
    public async Task Final_checkpoints_are_backed_up_once()
    {
        using var folder = run.Copy();
        string[] backup = ["backup", "--final", "--to", "backup", "--config", "run.json"];
        var first = (await Srl.RunAsync(folder.Path, backup)).Succeeded();
        Assert.Contains("copied 1, already there 0;", first.Output, StringComparison.Ordinal);
        var final = Assert.Single(await CrashedDirectory.AssertWholeAsync(folder.File("backup")));
        Assert.True(final.Final);

        var before = Files(folder.File("backup"));
        var second = (await Srl.RunAsync(folder.Path, backup)).Succeeded();
        Assert.Contains("copied 0, already there 1; 0 B written", second.Output, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder.File("backup")));
    }

    [Fact]
    public async Task A_checkpoint_may_be_named_by_what_it_is()
    {
        using var folder = run.Copy();
        var last = (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints)))[0];
        (await Srl.RunAsync(folder.Path, "backup", "latest", "final", last.Id, "--to", "backup", "--config", "run.json")).Succeeded();
        Assert.Equal(last.Id, Assert.Single(await CrashedDirectory.AssertWholeAsync(folder.File("backup"))).Id);
        var again = (await Srl.RunAsync(folder.Path, "restore", $"episode:{last.Episode}", "--from", "backup", "--config", "run.json")).Succeeded();
        Assert.Contains("copied 0, already there 1;", again.Output, StringComparison.Ordinal);
        var missing = await Srl.RunAsync(folder.Path, "backup", "episode:1000", "--to", "backup", "--config", "run.json");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains($"of episode 1000. The nearest is of episode {last.Episode};", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_from_a_backup_goes_on_to_the_same_bits()
    {
        using var folder = run.Copy();
        (await Srl.RunAsync(folder.Path, "backup", "--all", "--to", "backup", "--config", "run.json")).Succeeded();
        string[] train = ["train", "run.json", "--set", "Training:MaxEpisodes=27"];
        (await Srl.RunAsync(folder.Path, train)).Succeeded();
        Directory.Move(folder.File(TrainedRun.Checkpoints), folder.File("original"));
        Directory.Move(folder.File("backup"), folder.File(TrainedRun.Checkpoints)); // Its name is part of what is stored.
        (await Srl.RunAsync(folder.Path, train)).Succeeded();
        RunDirectory.AssertSameRun(new(folder.File("original")), new(folder.File(TrainedRun.Checkpoints)));
    }

    [Fact]
    public async Task What_was_lost_is_restored_and_goes_on()
    {
        using var folder = run.Copy();
        (await Srl.RunAsync(folder.Path, "backup", "--all", "--to", "backup", "--config", "run.json")).Succeeded();
        Directory.Delete(folder.File(TrainedRun.Checkpoints), recursive: true);
        var ids = (await CrashedDirectory.AssertWholeAsync(folder.File("backup"))).Select(saved => saved.Id).ToList();

        var one = JsonNode.Parse((await Srl.RunAsync(folder.Path, "restore", ids[3], "--from", "backup", "--config", "run.json", "--json")).Succeeded().Output)!;
        Assert.Equal(ids[3], (string?)Assert.Single(one["copied"]!.AsArray()));
        (await Srl.RunAsync(folder.Path, "restore", "--all", "--from", "backup", "--config", "run.json")).Succeeded();
        Assert.Equal(ids, (await CrashedDirectory.AssertWholeAsync(folder.File(TrainedRun.Checkpoints))).Select(saved => saved.Id));
        var again = (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();
        Assert.Contains("is finished: 24 of 24 episodes", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_is_killed_goes_on_and_never_lists_what_is_not_whole()
    {
        using var folder = run.Copy();
        output.WriteLine($"CORESRL_TEST_SEED={_seed}");
        (await Srl.RunAsync(folder.Path, "backup", "--all", "--to", "undisturbed", "--config", "run.json")).Succeeded();
        var all = await CrashedDirectory.AssertWholeAsync(folder.File("undisturbed"));
        var calls = StorageCall.ReadAll((await BackUpAsync(folder, "counted", KillPoint.Never)).Succeeded().Error);

        await Parallel.ForEachAsync(
            StorageCall.Spread([.. calls.Where(call => call.Kind != CallKind.Look)], KillPoints, new(_seed)).Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (entry, _) =>
            {
                var (index, point) = entry;
                var copy = $"copy{index}";
                Directory.CreateDirectory(folder.File(copy)); // It may die before it has made it.
                var died = await BackUpAsync(folder, copy, point);
                Assert.True(died.ExitCode == 137, $"{point}: exit code {died.ExitCode}\n{died.Error}");
                var there = await CrashedDirectory.AssertWholeAsync(folder.File(copy));
                Assert.All(there, saved => Assert.Contains(saved.Id, all.Select(one => one.Id)));

                CrashedDirectory.Age(folder.File(copy));
                var again = (await BackUpAsync(folder, copy, null)).Succeeded();
                Assert.Contains($"copied {all.Count - there.Count}, already there {there.Count};", again.Output, StringComparison.Ordinal);
                CrashedDirectory.AssertSame(folder.File("undisturbed"), folder.File(copy));
            });
    }

    [Fact]
    public async Task A_backup_killed_before_its_last_commit_has_only_that_left_to_do()
    {
        using var folder = run.Copy();
        var calls = (await BackUpAsync(folder, "counted", KillPoint.Never)).Succeeded().Error.Split('\n');
        var commit = calls.Last(line => line.StartsWith("call ", StringComparison.Ordinal) && line.Contains(" write ", StringComparison.Ordinal) && line.EndsWith("/metadata.json", StringComparison.Ordinal)).Split(' ');
        var died = await BackUpAsync(folder, "copy", new(int.Parse(commit[1], CultureInfo.InvariantCulture), KillPlace.Before, 1));
        Assert.Equal(137, died.ExitCode);

        var again = JsonNode.Parse((await BackUpAsync(folder, "copy", null, "--json")).Succeeded().Output)!;
        Assert.Equal(commit[3].Split('/')[0], (string?)Assert.Single(again["copied"]!.AsArray()));
        Assert.Equal(new FileInfo(folder.File($"{TrainedRun.Checkpoints}/{commit[3]}")).Length, (long)again["bytes_copied"]!);
        await CrashedDirectory.AssertWholeAsync(folder.File("copy"));
    }

    [Fact]
    public async Task Damage_in_the_copy_is_found_by_verify_and_mended_by_the_next_backup()
    {
        using var folder = run.Copy();
        string[] backup = ["backup", "--all", "--to", "backup", "--config", "run.json"];
        (await Srl.RunAsync(folder.Path, backup)).Succeeded();
        var copies = new RunDirectory(folder.File("backup")).Checkpoints;
        await TrainedRun.DamageAsync(Path.Combine(copies[1], "lora_weights/lora_1.pt"));
        await TrainedRun.DamageAsync(Path.Combine(copies[2], "metadata.json"));
        await TrainedRun.DamageAsync(Directory.GetFiles(folder.File("backup/base_weights"))[0]);
        File.Delete(Path.Combine(copies[3], "training_state.json"));
        Assert.Equal(3, (await Srl.RunAsync(folder.Path, "verify", "--dir", "backup")).ExitCode);

        var again = (await Srl.RunAsync(folder.Path, backup)).Succeeded();
        Assert.Contains("copied 0, already there 4, repaired 4;", again.Output, StringComparison.Ordinal);
        (await Srl.RunAsync(folder.Path, "verify", "--dir", "backup")).Succeeded();
        Assert.Equal(8, (await CrashedDirectory.AssertWholeAsync(folder.File("backup"))).Count);
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_not_copied_and_the_others_are()
    {
        using var folder = run.Copy();
        var damaged = new RunDirectory(folder.File(TrainedRun.Checkpoints)).Checkpoints[1];
        await TrainedRun.DamageAsync(Path.Combine(damaged, "optimizer_state/model_0_qwen3.safetensors"));
        var result = await Srl.RunAsync(folder.Path, "backup", "--all", "--to", "backup", "--config", "run.json");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"srl: Checkpoint '{Path.GetFileName(damaged)}': optimizer_state/model_0_qwen3.safetensors has the digest", result.Error, StringComparison.Ordinal);
        Assert.Contains("copied 7, already there 0, damaged 1;", result.Output, StringComparison.Ordinal);
        Assert.Equal(7, (await CrashedDirectory.AssertWholeAsync(folder.File("backup"))).Count);
        Assert.False(Directory.Exists(folder.File($"backup/{Path.GetFileName(damaged)}")));
    }

    [Fact]
    public async Task A_running_trainer_is_not_disturbed_and_keeps_its_directory_to_itself()
    {
        using var folder = run.Copy();
        using var trainer = Srl.Start(folder.Path, "train", "run.json", "--dir", "running", "--set", "Training:MaxEpisodes=1000000");
        await trainer.WaitForAsync("saved small_ep_12_");

        (await Srl.RunAsync(folder.Path, "backup", "--all", "--dir", "running", "--to", "backup")).Succeeded();
        Assert.NotEmpty(await CrashedDirectory.AssertWholeAsync(folder.File("backup")));
        foreach (var refused in (string[][])[["backup", "--final", "--config", "run.json", "--to", "running"], ["restore", "--all", "--from", "backup", "--dir", "running"], ["prune", "--dir", "running", "--keep-last", "1"]])
        {
            var result = await Srl.RunAsync(folder.Path, refused);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains($"is in use by process {trainer.Id} on host", result.Error, StringComparison.Ordinal);
        }

        trainer.Signal(15);
        Assert.Equal(130, (await trainer.WaitAsync()).ExitCode);
    }

    [Theory]
    [InlineData("backup --to backup", "Say which checkpoints are meant, in one way: by name, --final, --best, or --all.")]
    [InlineData("backup --best --to backup", "holds no checkpoint tagged 'best'.")]
    [InlineData("backup --all --to nowhere://bucket/prefix", "there is no checkpoint storage called 'nowhere'.")]
    [InlineData("backup --all --to s3://bucket/prefix?sig=canary", "Checkpoints:Storage:Url (from s3://…): behind its '?' may stand")]
    [InlineData("backup --all --to run.json", "cannot be copied to itself; name another place.")]
    [InlineData("restore --all --from nothing", "nothing holds no checkpoint.")]
    public async Task What_makes_no_sense_is_refused(string arguments, string message)
    {
        using var folder = run.Copy();
        var result = await Srl.RunAsync(folder.Path, [.. arguments.Split(' '), "--config", "run.json"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("backup")));
    }

    /// <summary>Backs up to a storage that a configuration file names and that kills its process.</summary>
    private static Task<SrlResult> BackUpAsync(TemporaryFolder folder, string name, KillPoint? point, params string[] more)
    {
        folder.Write($"{name}.json", $$"""
            { "Checkpoints": { "Directory": "{{name}}", "Storage": { "Use": "killing" } }, "Plugins": { "Directories": [ "{{TestPlugins.Folder}}" ] } }
            """);
        return Srl.RunAsync(
            folder.Path, new Dictionary<string, string> { [KillPoint.Variable] = point?.ToString() ?? "" },
            ["backup", "--all", "--to", $"{name}.json", "--config", "run.json", .. more]);
    }

    private static SortedDictionary<string, DateTime> Files(string path) => new(
        Directory.GetFiles(path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not "claim.json")
            .ToDictionary(file => file, File.GetLastWriteTimeUtc),
        StringComparer.Ordinal);
}

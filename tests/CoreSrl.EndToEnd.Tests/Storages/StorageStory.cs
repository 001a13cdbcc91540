using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>What a user does with checkpoints, told once for every storage: each command works as on a folder.</summary>
internal static class StorageStory
{
    private static readonly Dictionary<string, Func<StoragePlace, Func<StoragePlace>, Task>> Stories = new()
    {
        ["a run is trained, looked at, exported and pruned"] = TrainAndLookAsync,
        ["a run that is killed again and again goes on to the same bits"] = KilledAsync,
        ["a run is backed up there and restored from there"] = BackUpAndRestoreAsync,
        ["a second trainer is told who is at work"] = SecondTrainerAsync,
        ["no secret is written, said or logged"] = SecretsAsync,
    };

    /// <summary>All of them, by name.</summary>
    public static IEnumerable<string> Names => Stories.Keys;

    /// <summary>Tells one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newPlace">Makes a place that is empty and nobody else's.</param>
    public static Task TellAsync(string name, Func<StoragePlace> newPlace) => Stories[name](newPlace(), newPlace);

    private static async Task TrainAndLookAsync(StoragePlace place, Func<StoragePlace> newPlace)
    {
        using var folder = new StorageFolder(place);
        var training = (await folder.SrlAsync("train", "run.json")).Succeeded();
        Assert.Contains($"read back and verified: {place.Location}/final_small_ep_24_", training.Output, StringComparison.Ordinal);
        Assert.Contains("is finished: 24 of 24 episodes.", (await folder.SrlAsync("train", "run.json")).Succeeded().Output, StringComparison.Ordinal);

        var list = JsonNode.Parse((await folder.SrlAsync("list", "--dir", place.Url, "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal([24, 21, 18, 15, 12, 9, 6, 3], list.Select(entry => (int)entry!["episode"]!));
        var newest = (string)list[0]!["id"]!;
        Assert.Equal(newest, (string?)JsonNode.Parse((await folder.SrlAsync("show", "latest", "--dir", place.Url, "--json")).Succeeded().Output)!["checkpoint_id"]);
        Assert.Contains("model_0_qwen3", (await folder.SrlAsync("compare", "--config", "run.json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("8 verified, all whole.", (await folder.SrlAsync("verify", "--all", "--config", "run.json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("1, shared by the checkpoints", (await folder.SrlAsync("size", "--dir", place.Url)).Succeeded().Output, StringComparison.Ordinal);
        (await folder.SrlAsync("export", newest, "--model", "model_1_qwen3", "--format", "peft", "--out", "exported", "--dir", place.Url)).Succeeded();
        Assert.True(new FileInfo(folder.Files.File("exported/adapter_model.safetensors")).Length > 0);

        Assert.Contains("4 of run", (await folder.SrlAsync("prune", "--keep-last", "3", "--dir", place.Url)).Succeeded().Output, StringComparison.Ordinal);
        list = JsonNode.Parse((await folder.SrlAsync("list", "run.json", "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal([24, 21, 18, 15], list.Select(entry => (int)entry!["episode"]!));
        Assert.Contains("Finished 26 episodes", (await folder.SrlAsync("train", "run.json", "--set", "Training:MaxEpisodes=26")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("5 verified, all whole.", (await folder.SrlAsync("verify", "--all", "--dir", place.Url)).Succeeded().Output, StringComparison.Ordinal);
    }

    private static async Task KilledAsync(StoragePlace place, Func<StoragePlace> newPlace)
    {
        string[] episodes = ["--set", "Training:MaxEpisodes=60"];
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        using var folder = new StorageFolder(place);
        for (var kill = 0; kill < 4; kill++)
        {
            using var training = folder.Start(["train", "run.json", .. episodes]);
            await training.WaitForAsync(" left"); // The first episode has been played.
            await Task.Delay(random.Next(300));
            training.Kill();
            await training.WaitAsync();
            var verified = await folder.SrlAsync("verify", "--all", "--config", "run.json", "--json");
            Assert.True(verified.ExitCode == 0 || verified.Error.Contains("holds no checkpoint", StringComparison.Ordinal), $"{verified.Output}{verified.Error} (seed {seed})");
        }

        (await folder.SrlAsync(["train", "run.json", .. episodes])).Succeeded();
        (await folder.SrlAsync("backup", "--all", "--to", "found", "--config", "run.json")).Succeeded();

        var local = folder.Files.Write("local.json", Configurations.Small);
        (await folder.SrlAsync(["train", local, .. episodes])).Succeeded();
        RunDirectory expected = new(folder.Files.File("checkpoints/small")), found = new(folder.Files.File("found"));
        Assert.Equal(expected.Checkpoints.Select(RunDirectory.Episode), found.Checkpoints.Select(RunDirectory.Episode));
        Assert.All(expected.Checkpoints.Zip(found.Checkpoints), pair => RunDirectory.AssertSameTensors(pair.First, pair.Second));
    }

    private static async Task BackUpAndRestoreAsync(StoragePlace place, Func<StoragePlace> newPlace)
    {
        using var folder = new StorageFolder(place);
        var local = folder.Files.Write("local.json", Configurations.Small);
        (await folder.SrlAsync("train", local)).Succeeded();
        Assert.Contains("copied 1, already there 0;", (await folder.SrlAsync("backup", "--final", "--to", place.Url, "--config", local)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("copied 7, already there 1;", (await folder.SrlAsync("backup", "--all", "--to", "run.json", "--config", local)).Succeeded().Output, StringComparison.Ordinal);
        Directory.Move(folder.Files.File("checkpoints/small"), folder.Files.File("original"));

        Assert.Contains("copied 8, already there 0;", (await folder.SrlAsync("restore", "--all", "--from", place.Url, "--config", local)).Succeeded().Output, StringComparison.Ordinal);
        RunDirectory.AssertSameRun(new(folder.Files.File("original")), new(folder.Files.File("checkpoints/small")));

        // From one storage to another, and on from there.
        var second = newPlace();
        folder.Files.Write("second.json", second.Configuration);
        Assert.Contains("copied 8, already there 0;", (await folder.SrlAsync("restore", "--all", "--from", place.Url, "--config", "second.json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("is finished: 24 of 24 episodes.", (await folder.SrlAsync("train", "second.json")).Succeeded().Output, StringComparison.Ordinal);
    }

    private static async Task SecondTrainerAsync(StoragePlace place, Func<StoragePlace> newPlace)
    {
        using var folder = new StorageFolder(place);
        using var first = folder.Start("train", "run.json", "--set", "Training:MaxEpisodes=100000");
        await first.WaitForAsync("saved ");
        var second = await folder.SrlAsync("train", "run.json");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains($"{place.Location} is in use by process {first.Id}", second.Error, StringComparison.Ordinal);
        Assert.Contains("Stop that one first, or choose another Checkpoints:Storage.", second.Error, StringComparison.Ordinal);
        first.Kill();
        await first.WaitAsync();
        var other = await folder.SrlAsync("train", "run.json", "--set", "Training:RunName=other");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains($"{place.Location} holds the run 'small'", other.Error, StringComparison.Ordinal);
        Assert.Contains("Use that name to go on with it, or another Checkpoints:Storage.", other.Error, StringComparison.Ordinal);
        (await folder.SrlAsync("train", "run.json", "--set", "Training:MaxEpisodes=100000", "--set", "Training:MaxEpisodes=1")).Succeeded();
    }

    private static async Task SecretsAsync(StoragePlace place, Func<StoragePlace> newPlace)
    {
        using var folder = new StorageFolder(place);
        var said = "";
        foreach (var command in new string[][] { ["train", "run.json", "--verbose"], ["list", "run.json", "--json"], ["show", "latest", "--dir", place.Url, "--json"], ["backup", "--all", "--to", "found", "--config", "run.json"] })
        {
            var result = (await folder.SrlAsync(command)).Succeeded();
            said += result.Output + result.Error;
        }

        foreach (var command in new string[][] { ["list", "--dir", place.Url, "--verbose"], ["train", "run.json", "--verbose"] })
        {
            var result = await Srl.RunAsync(folder.Files.Path, place.WrongEnvironment, command);
            Assert.NotEqual(0, result.ExitCode);
            said += result.Output + result.Error;
        }

        said += string.Concat(Directory.GetFiles(folder.Files.Path, "*", SearchOption.AllDirectories).Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.All(place.Secrets, secret => Assert.DoesNotContain(secret, said, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A folder to work in, with the configuration <c>run.json</c> for a place, and the credentials around each command.</summary>
    private sealed class StorageFolder : IDisposable
    {
        private readonly StoragePlace _place;

        public StorageFolder(StoragePlace place)
        {
            _place = place;
            Files.Write("run.json", place.Configuration);
        }

        public TemporaryFolder Files { get; } = new();

        public Task<SrlResult> SrlAsync(params string[] arguments) => Srl.RunAsync(Files.Path, _place.Environment, arguments);

        public Srl Start(params string[] arguments) => Srl.Start(Files.Path, _place.Environment, arguments);

        public void Dispose() => Files.Dispose();
    }
}

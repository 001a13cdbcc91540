using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>A plugin that takes its process down in the middle of training, where nothing more can be saved: what was committed is
/// whole, and training goes on from it.</summary>
public sealed class LethalPluginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LethalPluginTests()
    {
        foreach (var plugin in new[] { "Failing", "Useful" })
            FolderCopy.Make(Path.Combine(TestPlugins.Folder, plugin), Directory.CreateDirectory(_folder.File($"plugins/CoreSrl.TestPlugins.{plugin}")).FullName);
    }

    [Theory]
    [InlineData("failfast")]
    [InlineData("kill")]
    public async Task Without_it_the_run_goes_on_from_the_last_checkpoint(string by)
    {
        var last = await DieAsync(by);

        Configure(lethalBy: null);
        await GoesOnAsync(last);
    }

    [Theory]
    [InlineData("exit", "srl: A plugin exited the process (it called Environment.Exit) before the command was done. Training failed after episode 3: policy 'lethal' hangs: *")]
    [InlineData("thread", "srl: An exception that nobody caught ended the command, on a thread that a plugin had begun: the driver is gone (InvalidOperationException). Episode *")]
    public async Task One_that_exits_or_throws_on_its_own_thread_ends_training_after_it_has_saved(string by, string message)
    {
        Configure(by);
        var result = await TrainAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message.TrimEnd('*'), result.Error, StringComparison.Ordinal);
        var saved = await CrashedDirectory.AssertWholeAsync(_folder.File("checkpoints"));
        Assert.InRange(saved[0].Episode, 3, 4);
        Assert.Contains($"'{saved[0].Id}'", result.Error, StringComparison.Ordinal);
        Configure(lethalBy: null);
        Assert.Contains($"Going on from checkpoint '{saved[0].Id}' at episode {saved[0].Episode}.", (await TrainAsync()).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit", "srl: A plugin exited the process (it called Environment.Exit) before the command was done.")]
    [InlineData("thread", "srl: An exception that nobody caught ended the command, on a thread that a plugin had begun: the driver is gone (InvalidOperationException).")]
    public async Task One_that_does_so_before_training_has_begun_is_told_and_never_taken_for_success(string by, string message)
    {
        Configure("kill");
        _folder.Write("lethal", by);
        var result = await TrainAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{message} Nothing is saved, as no episode was completed. Mend or remove that plugin and run again.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("checkpoints")));
    }

    [Fact]
    public async Task With_a_version_that_is_mended_it_does_as_well()
    {
        var last = await DieAsync("kill");
        FolderCopy.Make(Path.Combine(TestPlugins.Folder, "Failing"), Directory.CreateDirectory(_folder.File("mended")).FullName);
        _folder.Write("mended/mended.txt", "");

        (await Srl.RunAsync(_folder.Path, "plugins", "add", "mended", "--replace", "--config", "run.json")).Succeeded();
        await GoesOnAsync(last);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Trains until the plugin ends the process, in episode 3; checkpoints were asked for after the two before.</summary>
    /// <returns>The newest checkpoint.</returns>
    private async Task<SavedCheckpoint> DieAsync(string by)
    {
        Configure(by);

        var result = await TrainAsync();

        if (!OperatingSystem.IsWindows())
            Assert.Equal(by == "kill" ? 137 : 134, result.ExitCode);
        var saved = await CrashedDirectory.AssertWholeAsync(_folder.File("checkpoints"));
        Assert.Equal([2, 1], saved.Select(checkpoint => checkpoint.Episode));
        Assert.DoesNotContain(saved, checkpoint => checkpoint.Final);
        return saved[0];
    }

    private async Task GoesOnAsync(SavedCheckpoint last)
    {
        var result = (await TrainAsync()).Succeeded();

        Assert.Contains($"Going on from checkpoint '{last.Id}' at episode 2.", result.Output, StringComparison.Ordinal);
        var saved = await CrashedDirectory.AssertWholeAsync(_folder.File("checkpoints"));
        Assert.Equal((5, true), (saved[0].Episode, saved[0].Final));
        Assert.Contains(saved, checkpoint => checkpoint.Id == last.Id);
        Assert.Single(saved.Select(checkpoint => RunOf(checkpoint.Id)).Distinct());
    }

    private string RunOf(string id) => (string)JsonNode.Parse(File.ReadAllText(_folder.File($"checkpoints/{id}/metadata.json")))!["run_id"]!;

    private Task<SrlResult> TrainAsync() => Srl.RunAsync(_folder.Path, "train", "run.json");

    private void Configure(string? lethalBy) => _folder.Write("run.json", $$"""
        {
          "Training": { "RunName": "run", "MaxEpisodes": 5, "GamesPerEpisode": 2 },
          "Environment": { "Use": "coop-compete" },
          "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ],
          "Checkpoints": {
            "Directory": "checkpoints", "SaveInterval": 0,
            "Policies": [ { "Use": "milestone", "Episodes": [ 1, 2 ] }{{(lethalBy is null ? "" : $$""", { "Use": "lethal", "By": "{{lethalBy}}" }""")}} ]
          },
          "Plugins": { "Directories": [ "plugins" ] }
        }
        """);
}

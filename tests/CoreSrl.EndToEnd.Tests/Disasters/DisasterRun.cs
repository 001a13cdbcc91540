using CoreSrl.EndToEnd.Tests.Crashes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Disasters;

/// <summary>A run of the real command that would go on for hours, were it not for what happens to its directory.</summary>
internal sealed class DisasterRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Prepares a run.</summary>
    /// <param name="on">The folder that is to hold the checkpoint directory; null for one of its own.</param>
    /// <param name="keep">How many checkpoints are kept.</param>
    public DisasterRun(string? on = null, int keep = -1)
    {
        Directory = Path.Combine(on ?? _folder.Path, "run");
        _folder.Write("run.json", $$"""
            {
              "Training": { "RunName": "run", "MaxEpisodes": 1000000, "GamesPerEpisode": 2 },
              "Environment": { "Use": "coop-compete", "Rounds": 2 },
              "Models": [ { "Id": "one", "Use": "torch-lora", "BaseSeed": 1 }, { "Id": "two", "Use": "torch-lora", "BaseSeed": 1 } ],
              "Checkpoints": { "Directory": "{{Directory}}", "SaveInterval": 5, "MaxCheckpoints": {{keep}} }
            }
            """);
    }

    /// <summary>The checkpoint directory.</summary>
    public string Directory { get; }

    /// <summary>The ids of the committed checkpoints, oldest first.</summary>
    public IReadOnlyList<string> Checkpoints => [.. new RunDirectory(Directory).Checkpoints.Select(path => Path.GetFileName(path)!)];

    /// <summary>Starts it.</summary>
    /// <param name="wrapper">A command that starts the command that follows it, differently; empty for none.</param>
    public Srl Start(params string[] wrapper) => Srl.StartIn(wrapper, _folder.Path, "train", "run.json");

    /// <summary>Runs it for so many episodes more than the newest checkpoint has; it must come to its end there, and leave nothing but whole
    /// checkpoints, the earlier ones among them.</summary>
    public async Task CarryOnAsync(int episodes = 7)
    {
        var before = Checkpoints;
        var newest = before.Count == 0 ? 0 : RunDirectory.Episode(Path.Combine(Directory, before[^1]));
        var result = (await Srl.RunAsync(_folder.Path, "train", "run.json", "--set", $"Training:MaxEpisodes={newest + episodes}", "--set", "Checkpoints:MaxCheckpoints=-1")).Succeeded();
        if (newest > 0)
            Assert.Contains($"Going on from checkpoint '{before[^1]}' at episode {newest}.", result.Output, StringComparison.Ordinal);
        Assert.Equal(before, Checkpoints.Take(before.Count));
        Assert.StartsWith($"final_run_ep_{newest + episodes}_", Checkpoints[^1], StringComparison.Ordinal);
        await CrashedDirectory.AssertWholeAsync(Directory);
        AssertNothingHalf();
    }

    /// <summary>Runs it to whatever end it comes to.</summary>
    public Task<SrlResult> TrainAsync() => Srl.RunAsync(_folder.Path, "train", "run.json");

    /// <summary>Asserts that <c>srl verify</c> finds several checkpoints, and every one whole.</summary>
    public async Task AssertWholeAsync()
    {
        var verified = (await Srl.RunAsync(_folder.Path, "verify", "--all", "--dir", Directory)).Succeeded();
        Assert.True(Checkpoints.Count > 1, verified.Output);
        Assert.Contains($"{Checkpoints.Count} verified, all whole.", verified.Output, StringComparison.Ordinal);
    }

    /// <summary>Asserts that there is no file of a checkpoint that is none.</summary>
    public void AssertNothingHalf() => Assert.Equal(
        [.. Checkpoints.Append("base_weights").Order(StringComparer.Ordinal)],
        System.IO.Directory.GetDirectories(Directory).Where(folder => System.IO.Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any())
            .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal));

    /// <summary>Asserts that the run stopped with a line that says what is wrong, where, and what to do.</summary>
    public void AssertTold(SrlResult result, params string[] what)
    {
        Assert.True(result.ExitCode == 1, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        var line = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("srl: Training failed after episode ", line, StringComparison.Ordinal);
        Assert.All(what.Append(Directory), text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}

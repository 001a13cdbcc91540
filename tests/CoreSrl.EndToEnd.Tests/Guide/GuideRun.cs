using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>A run from a configuration file, in a folder of its own: two small models, two games of two rounds an episode.</summary>
internal sealed class GuideRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _directory;

    /// <summary>Writes the configuration.</summary>
    /// <param name="episodes">How long the run is.</param>
    /// <param name="checkpoints">What stands in the section <c>Checkpoints</c>.</param>
    /// <param name="directory">Where the checkpoints will lie.</param>
    public GuideRun(int episodes, string checkpoints, string directory = "checkpoints/multimodel")
    {
        _directory = directory;
        _folder.Write("run.json", $$"""
            {
              "Training": { "MaxEpisodes": {{episodes}}, "GamesPerEpisode": 2, "LearningRate": 0.01 },
              "Environment": { "Use": "coop-compete", "Rounds": 2 },
              "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ],
              "Checkpoints": { {{checkpoints}} }
            }
            """);
    }

    public string Folder => _folder.Path;

    /// <summary>The metadata of the committed checkpoints, as the guide's Python would read it; oldest episode first.</summary>
    public IReadOnlyList<JsonObject> Checkpoints => [.. new RunDirectory(_folder.File(_directory)).Checkpoints.Select(RunDirectory.Metadata)];

    public string Episodes => string.Join(' ', Checkpoints.Select(checkpoint => (long)checkpoint["episode"]!));

    public async Task<SrlResult> TrainAsync(params string[] settings) =>
        (await Srl.RunAsync(Folder, ["train", "run.json", .. settings.SelectMany(setting => new[] { "--set", setting })])).Succeeded();

    /// <summary>The ids that <c>srl list</c> shows, in its order.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync() =>
        [.. JsonNode.Parse((await Srl.RunAsync(Folder, "list", "run.json", "--json")).Succeeded().Output)!.AsArray().Select(entry => entry!)];

    public void Dispose() => _folder.Dispose();
}

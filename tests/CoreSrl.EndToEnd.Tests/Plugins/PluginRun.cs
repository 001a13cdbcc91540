using System.Diagnostics;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>Runs in a folder of their own, with the test plugins at hand: two small models, two games an episode.</summary>
internal sealed class PluginRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PluginRun(string environment = "coop-compete", string policies = "[]", string metadata = "[]") => _folder.Write("run.json", $$"""
        {
          "Training": { "RunName": "run", "MaxEpisodes": 4, "GamesPerEpisode": 2 },
          "Environment": { "Use": "{{environment}}" },
          "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ],
          "Checkpoints": { "Directory": "checkpoints", "Policies": {{policies}}, "Metadata": {{metadata}} },
          "Plugins": { "Directories": [ {{JsonValue.Create(TestPlugins.Folder).ToJsonString()}} ] }
        }
        """);

    public Task<SrlResult> TrainAsync(params string[] settings) => Srl.RunAsync(_folder.Path, Arguments(settings));

    public Srl Start(params string[] settings) => Srl.Start(_folder.Path, Arguments(settings));

    /// <summary>Waits until a plugin has left a file behind.</summary>
    public async Task WaitForFileAsync(string name)
    {
        for (var clock = Stopwatch.StartNew(); !File.Exists(_folder.File(name)); await Task.Delay(10))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"there is no file '{name}' yet");
    }

    /// <summary>The metadata of all checkpoints, newest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> CheckpointsAsync()
    {
        var list = JsonNode.Parse((await Srl.RunAsync(_folder.Path, "list", "run.json", "--json")).Succeeded().Output)!;
        return [.. list.AsArray().Select(entry => Metadata((string)entry!["id"]!))];
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Arguments(string[] settings) => ["train", "run.json", .. settings.SelectMany(setting => new[] { "--set", setting })];

    private JsonNode Metadata(string id) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "checkpoints", id, "metadata.json")))!;
}
